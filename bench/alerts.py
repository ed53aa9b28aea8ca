"""The alerts that are sent: about 600 bytes, 8 labels; `@N@` numbers the alert, `@C@` the request.

A repeat of a live alert says the same with another value in its text, as tools do; no two requests are equal.
"""

import json
from typing import Any

BEGAN = "2026-01-05T09:00:00.000Z"
KEY = "bench-key-of-no-secrecy"
JSON = {"Content-Type": "application/json"}
BEARER = {**JSON, "Authorization": f"Bearer {KEY}"}


def labels(name: str, service: str = "order-database") -> dict[str, str]:
    """Eight of them; `name` tells one alert from the other."""
    return {
        "alertname": "ReplicationLagging",
        "cluster": "eu-west-1",
        "environment": "production",
        "instance": f"bench-{name}-:9100",
        "job": "postgres",
        "service": service,
        "severity": "critical",
        "shard": "orders-7",
    }


def _annotations(name: str) -> dict[str, str]:
    return {
        "summary": f"bench-{name}- lags behind its primary",
        "description": "The replica is @C@ seconds behind. Reads of orders may be stale; fail over if it grows.",
        "runbook_url": "https://wiki.acme.example/runbooks/replication",
    }


def _one(name: str, service: str = "order-database") -> dict[str, Any]:
    return {
        "labels": labels(name, service),
        "annotations": _annotations(name),
        "startsAt": BEGAN,
        "generatorURL": "http://prometheus.acme.example/graph?g0.expr=pg_replication_lag_seconds",
    }


def for_alertmanager(count: int = 1) -> str:
    """What Prometheus posts to `/api/v2/alerts`."""
    return json.dumps([_one(_name(n, count)) for n in range(count)])


def generic(service: str = "order-database") -> str:
    """One signal for `/in/scripts`."""
    told = _annotations("@N@")
    return json.dumps(
        {
            "key": "bench-@N@-",
            "action": "trigger",
            "title": told["summary"],
            "text": told["description"],
            "severity": "critical",
            "labels": labels("@N@", service),
            "links": [{"href": told["runbook_url"], "text": "Runbook"}],
        }
    )


def webhook(count: int) -> str:
    """A group of `count` alerts for `/in/prometheus`, as Alertmanager's webhook sends it: one incident."""
    alerts = [
        {**_one(_name(n, count)), "status": "firing", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": f"{n:016x}"}
        for n in range(count)
    ]
    shared = {name: value for name, value in labels("").items() if name != "instance"}
    return json.dumps(
        {
            "version": "4",
            "groupKey": '{}:{alertname="ReplicationLagging", shard="@N@"}',
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "tocsin",
            "groupLabels": {"alertname": "ReplicationLagging"},
            "commonLabels": shared,
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.acme.example",
            "alerts": alerts,
        }
    )


def _name(n: int, count: int) -> str:
    return "@N@" if count == 1 else f"@N@-{n:03d}"
