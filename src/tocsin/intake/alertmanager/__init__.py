"""Prometheus Alertmanager's webhook, version 4, and what speaks a superset of it (Grafana)."""
