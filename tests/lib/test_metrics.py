"""Numbers: each named once, explained, and without a label that could tell who or what."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tocsin.lib.metrics import Metrics


def test_every_number_is_exposed_under_its_described_name_with_its_text():
    metrics = Metrics(process=False)
    families = {family.name: family for family in text_string_to_metric_families(metrics.exposition().decode())}
    for described in metrics.described():
        assert families[described.name.removesuffix("_total")].documentation == described.text


def test_what_is_counted_is_exposed():
    metrics = Metrics(process=False)
    metrics.signals.labels("prometheus", "opened").inc()
    metrics.due_lateness.observe(0.2)
    text = metrics.exposition().decode()
    assert 'tocsin_signals_total{outcome="opened",source="prometheus"} 1.0' in text
    assert 'tocsin_due_lateness_seconds_bucket{le="0.25"} 1.0' in text


def test_two_of_them_in_one_process_do_not_know_each_other():
    one, other = Metrics(), Metrics()
    one.commits.labels("committed").inc()
    assert "tocsin_commits_total{" not in other.exposition().decode()


@pytest.mark.parametrize("described", Metrics(process=False).described(), ids=lambda one: one.name)
def test_no_label_names_a_person_an_incident_or_a_text(described):
    assert set(described.labels) <= {"source", "outcome", "status", "priority", "method", "lane"}
    assert described.name.startswith("tocsin_")
    assert described.text.endswith(".")
