"""What a link does in the simulator: it stands on both sides or on none, as live."""

from tests.cast import DANA, MONDAY
from tests.lab.acme import ACME
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.signal import Signal
from tocsin.lab.simulator import Simulation


def two() -> Simulation:
    simulation = Simulation(ACME, now=MONDAY)
    signals = [Signal(key, "trigger", "down", service="order-database") for key in ("a", "b")]
    simulation.report(SourceId("scripts"), signals)
    return simulation


def test_a_link_stands_in_both_and_goes_from_both() -> None:
    simulation = two()
    assert simulation.put("INC-1", cmd.Link(DANA, "INC-2")) is None
    assert [one.to for one in simulation.incidents["INC-2"].linked] == ["INC-1"]
    assert simulation.put("INC-2", cmd.Unlink(DANA, "INC-1")) is None
    assert simulation.incidents["INC-1"].linked == ()


def test_nothing_is_linked_with_what_is_not_there() -> None:
    simulation = two()
    refused = simulation.put("INC-1", cmd.Link(DANA, "INC-9"))
    assert refused is not None
    assert refused.code == "unknown_incident"
    assert simulation.put("INC-1", cmd.Link(DANA, "PRB-7", "problem")) is None
