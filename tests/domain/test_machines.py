"""Members that machines fill: what is well-formed is read, and everything else refused with its path."""

from typing import Any

import pytest

from ledger.domain import machines
from ledger.domain.errors import MalformedError
from ledger.domain.machines import Alert, Position, Temperatures

AT = "2026-11-08T20:00:00-06:00"
SECONDS = 1_794_189_600.0
ROW = {"at": AT, "latitude": 15.73, "longitude": -88.6}
LOG = {"from": AT, "to": AT, "least_c": 7.2, "greatest_c": 8.9, "below_minutes": 0, "above_minutes": 12}


def test_what_is_well_formed_is_read() -> None:
    assert machines.positions([ROW], "positions") == (Position(SECONDS, 15.73, -88.6),)
    assert len(machines.positions([ROW] * machines.MAX_POSITIONS, "positions")) == machines.MAX_POSITIONS
    assert machines.alert({"kind": "opened"}, "alert") == Alert("opened")
    whole = {"kind": "cut", "at": AT, "seal": "ES-77", "note": "at the weighbridge"}
    assert machines.alert(whole, "alert") == Alert("cut", SECONDS, "ES-77", "at the weighbridge")
    assert machines.temperatures(LOG, "temperature") == Temperatures(SECONDS, SECONDS, 7.2, 8.9, 0, 12)
    more = LOG | {"step_s": 900, "gap_minutes": 5, "low_c": 7, "high_c": 10, "set_point_c": 7.5}
    assert machines.temperatures(more, "temperature").set_point_c == 7.5
    assert machines.alarm(False, "alarm") is False


BAD: dict[str, tuple[str, Any, str]] = {
    "no positions": ("positions", [], "positions"),
    "too many positions": ("positions", [ROW] * 1001, "positions"),
    "positions that are an object": ("positions", ROW, "positions"),
    "a latitude beyond the pole": ("positions", [ROW | {"latitude": 90.1}], "positions.0.latitude"),
    "a longitude in words": ("positions", [ROW, ROW | {"longitude": "W"}], "positions.1.longitude"),
    "a latitude that is true": ("positions", [ROW | {"latitude": True}], "positions.0.latitude"),
    "a latitude that is no number": ("positions", [ROW | {"latitude": float("nan")}], "positions.0.latitude"),
    "a position without a time": ("positions", [{"latitude": 1, "longitude": 1}], "positions.0.at"),
    "a position with a height": ("positions", [ROW | {"height": 3}], "positions.0.height"),
    "a position at no time": ("positions", [ROW | {"at": "noon"}], "positions.0.at"),
    "an alert without a kind": ("alert", {}, "alert.kind"),
    "an alert in words": ("alert", {"kind": "Somebody cut it"}, "alert.kind"),
    "an alert that is text": ("alert", "cut", "alert"),
    "an alert of a seal without a number": ("alert", {"kind": "cut", "seal": ""}, "alert.seal"),
    "an alert with more": ("alert", {"kind": "cut", "colour": "red"}, "alert.colour"),
    "a log without minutes": ("temperature", {"from": AT}, "temperature.to"),
    "a log that ends before it begins": (
        *("temperature", LOG | {"to": "2026-11-08T19:00:00-06:00"}),
        "temperature",
    ),
    "a log colder at its warmest": ("temperature", LOG | {"greatest_c": 1}, "temperature"),
    "minutes below nothing": ("temperature", LOG | {"above_minutes": -1}, "temperature.above_minutes"),
    "degrees in words": ("temperature", LOG | {"least_c": "cold"}, "temperature.least_c"),
    "degrees of a furnace": ("set_point_c", 1000, "set_point_c"),
    "a step longer than a day": ("temperature", LOG | {"step_s": 1e9}, "temperature.step_s"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_malformed_is_refused_with_its_path(name: str) -> None:
    member, value, path = BAD[name]
    with pytest.raises(MalformedError) as refused:
        machines.READERS[member](value, member)
    assert refused.value.field == path
    assert machines.said_of(machines.READERS[member], {member: value}, member) is None


@pytest.mark.parametrize("value", [0, "yes", None])
def test_an_alarm_is_true_or_false(value: object) -> None:
    with pytest.raises(MalformedError, match=r"body\.alarm"):
        machines.check_radiation({"alarm": value}, "body")
    machines.check_radiation({}, "body")


@pytest.mark.parametrize(
    ("weights", "kg"),
    [
        ({"measured_kg": 24_700}, 24_700.0),
        ({"measured_kg": 0}, None),
        ({"measured_kg": "24"}, None),
        (3, None),
    ],
)
def test_a_weight_counts_above_nothing(weights: object, kg: float | None) -> None:
    assert machines.measured_kg({"weights": weights}) == kg
    assert machines.measured_kg({}) is None
