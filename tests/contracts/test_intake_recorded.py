"""What real senders were recorded sending is read as they meant it."""

import json
from pathlib import Path

import pytest

from tocsin.intake.contract import Arrival
from tocsin.intake.registry import intakes, receive

SHARED = Path(__file__).parents[3] / "shared"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded payloads are not beside this clone")


def posted(name, body):
    return receive(intakes()[name], Arrival("recorded", json.dumps(body).encode(), "application/json"))


def recorded(name):
    return json.loads((SHARED / "cases" / "payloads" / name).read_text())


def test_alertmanagers_firing_and_resolve_are_one_alert_of_one_incident():
    requests = json.loads((SHARED / "contracts" / "clients" / "alertmanager_0_25.json").read_text())["requests"]
    hooks = [posted("alertmanager", r["body"]) for r in requests if r["path"] == "/am/webhook"]
    (firing,), (resolved,) = hooks
    assert (firing.action, resolved.action) == ("trigger", "resolve")
    assert (firing.key, firing.alert) == (resolved.key, resolved.alert)
    assert firing.at is not None
    assert resolved.at is None, "made by hand: it begins when it ends, before the alert did"


def test_the_key_is_the_one_that_alertmanager_gives_its_pager_receivers():
    requests = json.loads((SHARED / "contracts" / "clients" / "alertmanager_0_25.json").read_text())["requests"]
    theirs = {r["body"]["dedup_key"] for r in requests if r["path"] == "/v2/enqueue"}
    ours = {posted("alertmanager", r["body"])[0].key for r in requests if r["path"] == "/am/webhook"}
    assert ours == theirs


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_recorded_notification_is_read_without_loss(number):
    body = recorded(f"alertmanager-{number}.json")
    (signal,) = posted("alertmanager", body)
    alert = body["alerts"][0]
    assert (signal.raw, signal.action, signal.severity) == (False, "trigger", "critical")
    assert signal.title == alert["annotations"]["summary"]
    assert signal.labels == alert["labels"]
    assert signal.links[0].href == alert["generatorURL"]
    assert signal.at is not None


def test_grafanas_superset_is_read_as_alerts():
    signals = posted("alertmanager", recorded("grafana-5.json"))
    assert signals
    assert not any(signal.raw for signal in signals)


@pytest.mark.parametrize("name", sorted(p.name for p in (SHARED / "cases" / "payloads").glob("*-[0-9]*.json")))
@pytest.mark.parametrize("intake", ["alertmanager", "generic"])
def test_every_vendors_payload_pages_somebody_even_where_the_format_is_wrong(intake, name):
    signals = posted(intake, recorded(name))
    assert signals
    assert all(signal.title and signal.key for signal in signals)


def test_the_formatted_webhook_is_read_by_the_generic_format():
    (signal,) = posted("generic", recorded("generic-formatted-1.json"))
    assert (signal.key, signal.action) == ("08d6891a-835c-e661-39fa-96b6a9e26552", "trigger")
    assert signal.title == "TestAlert: The whole system is down"
    assert signal.text.startswith("This alert was sent by user")
    assert signal.links[0].href == "https://en.wikipedia.org/wiki/Downtime"
