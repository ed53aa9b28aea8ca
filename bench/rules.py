"""The rulebook that is measured: Acme's production policy, a storm of two steps, and incidents that wait for long."""

from pathlib import Path

_TEXT = """\
tocsin: 1
organisation: Acme Retail
timezone: Europe/London
last_resort: [person:carla, person:nadia]
unrouted: {{team: service-desk, policy: production, priority: P2}}

people:
{people}

contact: {{urgent: [{way}], routine: [{way}]}}

roles:
  duty-manager: [person:carla, person:hugo]
  head-of-it: [person:omar]

teams:
  service-desk: {{tier: 1, lead: carla, members: [ana, ben]}}
  infrastructure: {{tier: 2, lead: frank, members: [dana, eve, finn], on_call: infra-primary}}

schedules:
  infra-primary:
    rotations: [{{people: [dana, eve, finn], turn: weekly, handoff: mon 09:00, starts: 2026-01-05}}]

priorities:
  severity: {{critical: P1, error: P2, warning: P3, info: P5, else: P2}}

criteria:
  - name: Security breach
    when: "signal.labels.category == 'security' && signal.severity == 'critical'"
    then: {{major: true}}

services:
  order-database: {{team: infrastructure, policy: production}}
  storm: {{team: infrastructure, policy: storm}}
  hourly: {{team: infrastructure, policy: hourly}}
  patient: {{team: infrastructure, policy: patient}}

policies:
  production:
    functional:
      - {{hand_over: team, wait: 5m}}
      - {{notify: team.next, wait: 10m}}
      - {{notify: team.all, wait: 10m}}
    hierarchical:
      - {{after: 15m, unless: acknowledged, inform: team.lead}}
      - {{after: 30m, unless: acknowledged, ask: role:duty-manager}}
      - {{after: 2h, ask: "manager:1"}}
      - {{after: 4h, inform: role:head-of-it, when: "at_least(P2)"}}
    repeat: 2
    acknowledged_for: {{P1: 30m, P2: 1h, else: 4h}}
  storm:
    functional: [{{notify: person:dana, wait: {storm}}}, {{notify: person:eve, wait: 30d}}]
  hourly:
    functional: [{{notify: person:dana, wait: 1h}}, {{notify: person:eve, wait: 30d}}]
  patient:
    functional: [{{notify: person:dana, wait: 30d}}, {{notify: person:eve, wait: 30d}}]

sources:
  prometheus: {{intake: alertmanager, service: label:service, key: "${{TOCSIN_KEY_PROMETHEUS}}"}}
  scripts:    {{intake: generic, service: label:service, key: "${{TOCSIN_KEY_SCRIPTS}}"}}
"""

_MANAGERS = {
    "ana": "carla", "ben": "carla", "carla": "omar", "dana": "frank", "eve": "frank", "finn": "frank", "frank": "omar",
    "hugo": "omar", "omar": "nadia", "nadia": "",
}  # fmt: skip


def rulebook(folder: Path, sink: int | None = None, storm: str = "1h") -> Path:
    """Write it. Everybody is reached at the webhook sink of that port, or else by mail, which the outbox keeps."""
    file = folder / f"rulebook-{sink or 'outbox'}-{storm}.yaml"
    people = "\n".join(f"  {name}: {{{_person(name, manager, sink)}}}" for name, manager in _MANAGERS.items())
    file.write_text(_TEXT.format(people=people, way="webhook" if sink else "email", storm=storm), "utf-8")
    return file


def _person(name: str, manager: str, sink: int | None) -> str:
    way = f'addresses: {{webhook: "http://127.0.0.1:{sink}/{name}"}}' if sink else f"email: {name}@acme.example"
    return f"name: {name.title()} of Acme, {way}" + (f", manager: {manager}" if manager else "")
