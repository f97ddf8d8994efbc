"""Numbers of trade: containers, ships, locations, carriers, consignments. Form and check digit are apart.

Check digits are wrong on real boxes and in real papers, so that a wrong one is a finding and no reason to
refuse what was written: whoever reads it decides.
"""

import re
from typing import Protocol

from stdnum import ean, imo, iso6346
from stdnum.exceptions import InvalidChecksum

from ledger.domain.errors import MalformedError
from ledger.domain.subject import Subject

# ISO 6346:2022: owner code, equipment category, serial number, check digit.
_CONTAINER = re.compile(r"[A-Z]{3}[UJZR][0-9]{7}")
# IMO resolution A.1117(30): seven digits, the last one checks the others.
_IMO = re.compile(r"[0-9]{7}")
# GS1 General Specifications, section 7.9: a GLN has thirteen digits.
_GLN = re.compile(r"[0-9]{13}")
# UN/LOCODE (UNECE recommendation 16): country, then three letters or digits 2 to 9.
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
# What is written like one; a place may be any text.
_LIKE_UNLOCODE = re.compile(r"[A-Z0-9]{5}")
# Standard Carrier Alpha Code (NMFTA): two to four letters.
_SCAC = re.compile(r"[A-Z]{2,4}")
# Bills of lading are numbered by their carriers; US customs takes up to twelve characters after the code.
_CONSIGNMENT = re.compile(r"([A-Z]{2,4})\.([A-Z0-9-]{1,35})")


class _Number(Protocol):
    """What a module of python-stdnum offers."""

    def validate(self, number: str) -> str: ...

    def calc_check_digit(self, number: str) -> str: ...


def check_container(number: object, field: str = "container") -> str | None:
    """Return what is wrong with the check digit of a container number (ISO 6346), None when it is right.

    Args:
        number: As seen on the box, without blanks: `XXXU5001233`.
        field: What to call it in a complaint.

    Raises:
        MalformedError: No container number.
    """
    form = "a container number of three letters, U, J, Z or R, and seven digits (ISO 6346)"
    return _check(iso6346, _formed(_CONTAINER, number, field, form), "container number")


def check_imo(number: object, field: str = "imo") -> str | None:
    """Return what is wrong with the check digit of a ship's IMO number, None when it is right.

    Args:
        number: Seven digits, without `IMO` before them.
        field: What to call it in a complaint.

    Raises:
        MalformedError: No seven digits.
    """
    return _check(imo, _formed(_IMO, number, field, "the seven digits of an IMO ship number"), "IMO number")


def check_gln(number: object, field: str = "gln") -> str | None:
    """Return what is wrong with the check digit of a GS1 location number, None when it is right.

    Args:
        number: Thirteen digits.
        field: What to call it in a complaint.

    Raises:
        MalformedError: No thirteen digits.
    """
    return _check(ean, _formed(_GLN, number, field, "the thirteen digits of a GLN"), "GLN")


def check_place(place: str) -> str | None:
    """Return what is wrong with a place that is written like a UN/LOCODE, None for any other text.

    Args:
        place: UN/LOCODE, such as `GTPBR`, or text.
    """
    if not _LIKE_UNLOCODE.fullmatch(place) or _UNLOCODE.fullmatch(place):
        return None
    return f"{place} is no UN/LOCODE: those are two letters, then three letters or digits 2 to 9"


def is_unlocode(place: str) -> bool:
    """Return whether a place has the form of a UN/LOCODE (UNECE recommendation 16), such as `GTPBR`."""
    return _UNLOCODE.fullmatch(place) is not None


def check_scac(code: object, field: str = "scac") -> None:
    """Accept the form of a Standard Carrier Alpha Code; it has no check digit.

    Raises:
        MalformedError: Another form.
    """
    _formed(_SCAC, code, field, "a SCAC of two to four letters")


def check_key(subject: Subject, field: str = "sub") -> str | None:
    """Return what is wrong with a check digit in the key of a subject, None when nothing is.

    A trip is filed under its container number, a consignment under carrier code and bill of lading joined by
    a full stop; bookings, voyages and organisations have the numbers that they have.

    Args:
        subject: The subject.
        field: What to call its key in a complaint.

    Raises:
        MalformedError: The key is not what subjects of this type are filed under.
    """
    if subject.type == "trip":
        return check_container(subject.key, field)
    if subject.type == "consignment":
        form = "a carrier's SCAC, a full stop, and a bill of lading of 1 to 35 characters A-Z 0-9 -"
        _formed(_CONSIGNMENT, subject.key, field, form)
    return None


def _formed(pattern: re.Pattern[str], value: object, field: str, form: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedError("malformed-field", f"{field} must be {form}", field=field)
    return value


def _check(numbers: _Number, number: str, name: str) -> str | None:
    try:
        numbers.validate(number)
    except InvalidChecksum:
        right = numbers.calc_check_digit(number[:-1])
        return f"the {name} {number} has the check digit {number[-1]}; {right} would be right"
    return None
