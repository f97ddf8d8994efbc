"""Numbers of trade: known ones are right, one check digit of ten is right, and forms are told apart."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError
from ledger.domain.identifiers import (
    check_container,
    check_gln,
    check_imo,
    check_key,
    check_place,
    check_scac,
)
from ledger.domain.subject import Subject

DIGITS = "0123456789"
Check = Callable[[object], str | None]

# ISO 6346's own example, containers of registered owners, ships as their registers have them, GS1's example.
RIGHT: list[tuple[Check, str]] = [
    (check_container, "CSQU3054383"),
    (check_container, "TASU1170000"),
    (check_container, "XXXU5001233"),
    (check_container, "MSKU1234565"),
    (check_imo, "9319466"),
    (check_imo, "8814275"),
    (check_imo, "9074729"),
    (check_gln, "5412345000013"),
    (check_gln, "4006381333931"),
    (check_scac, "MAEU"),
    (check_scac, "DO"),
]

MALFORMED: dict[str, tuple[Check, object]] = {
    "container in small letters": (check_container, "xxxu5001233"),
    "container with blanks": (check_container, "XXXU 500123 3"),
    "container without check digit": (check_container, "XXXU500123"),
    "container of no category": (check_container, "XXXA5001233"),
    "container with Arabic digits": (check_container, "XXXU٥٠٠١٢٣٣"),
    "container that is a number": (check_container, 5001233),
    "no container": (check_container, None),
    "ship with its prefix": (check_imo, "IMO9319466"),
    "ship of six digits": (check_imo, "931946"),
    "location of fourteen digits": (check_gln, "54123450000130"),
    "location with a letter": (check_gln, "541234500001X"),
    "carrier of five letters": (check_scac, "MAEUX"),
    "carrier with a digit": (check_scac, "MAE1"),
}


@pytest.mark.parametrize(("check", "number"), RIGHT, ids=lambda value: getattr(value, "__name__", value))
def test_known_numbers_are_right(check: Check, number: str) -> None:
    assert check(number) is None


@pytest.mark.parametrize(("check", "number"), MALFORMED.values(), ids=MALFORMED)
def test_another_form_is_refused(check: Check, number: object) -> None:
    with pytest.raises(MalformedError) as caught:
        check(number)
    assert caught.value.code == "malformed-field"
    assert caught.value.field


@given(owner=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3), serial=st.integers(0, 999_999))
def test_exactly_one_check_digit_of_a_container_is_right(owner: str, serial: int) -> None:
    findings = [check_container(f"{owner}U{serial:06d}{digit}") for digit in DIGITS]
    assert findings.count(None) == 1


@given(serial=st.integers(0, 999_999))
def test_exactly_one_check_digit_of_a_ship_is_right(serial: int) -> None:
    assert [check_imo(f"{serial:06d}{digit}") for digit in DIGITS].count(None) == 1


@given(serial=st.integers(0, 10**12 - 1))
def test_exactly_one_check_digit_of_a_location_is_right(serial: int) -> None:
    assert [check_gln(f"{serial:012d}{digit}") for digit in DIGITS].count(None) == 1


def test_a_wrong_check_digit_is_told_with_the_right_one() -> None:
    assert check_container("XXXU5001234") == (
        "the container number XXXU5001234 has the check digit 4; 3 would be right"
    )


KEYS = {
    "a container": ("trip", "XXXU5001233", True),
    "a container with another check digit": ("trip", "XXXU5001234", False),
    "a bill of lading": ("consignment", "MAEU.GTPBR0012345", True),
    "a booking": ("booking", "260555.1", True),
    "a voyage": ("voyage", "DOLE-CHILE.644N", True),
}


@pytest.mark.parametrize(("kind", "key", "right"), KEYS.values(), ids=KEYS)
def test_subjects_are_filed_under_the_numbers_of_trade(kind: str, key: str, right: bool) -> None:
    assert (check_key(Subject(kind, key, bytes(32))) is None) == right


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("trip", "REEFER-1"),
        ("consignment", "MAEUGTPBR0012345"),
        ("consignment", "M4EU.1"),
        ("consignment", "A.1"),
    ],
)
def test_keys_of_another_form_are_refused(kind: str, key: str) -> None:
    with pytest.raises(MalformedError):
        check_key(Subject(kind, key, bytes(32)))


@pytest.mark.parametrize("place", ["GTPBR", "USILG", "US2Z9", "Packing house", "quay 7", "gate1"])
def test_a_locode_and_any_text_are_places(place: str) -> None:
    assert check_place(place) is None


@pytest.mark.parametrize("place", ["GTPB1", "G1PBR", "12345", "GTPB0"])
def test_what_is_written_like_a_locode_and_is_none_is_told(place: str) -> None:
    assert (check_place(place) or "").startswith(f"{place} is no UN/LOCODE")
