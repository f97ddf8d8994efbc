"""What organisations say of themselves and of their devices (formats, section 17)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from stdnum import get_cc_module, lei
from stdnum.exceptions import ValidationError

from ledger.domain import fields, identifiers
from ledger.domain.certificates import read_chain
from ledger.domain.errors import MalformedError

ONBOARDING: Final = "onboarding"
"""Kind of the statement in which an organisation says who it is."""
DELEGATION: Final = "delegation"
"""Kind of the statement in which an organisation says which device has one of its keys."""

LEVELS = ("IAL1", "IAL2", "IAL3", "low", "substantial", "high")
"""How well somebody looked at who it is: NIST SP 800-63A, or eIDAS (Regulation 910/2014, article 8)."""

MAX_IDENTIFIERS = 16
MAX_OFFSET_SECONDS = 10**9

_SCHEME = re.compile(r"[a-z][a-z0-9-]{1,31}")
_VALUE = re.compile(r"[!-~]([ -~]{0,62}[!-~])?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DEVICE_TYPE = re.compile(r"[a-z][a-z0-9-]{1,63}")
_ANY_KIND = ("occurred_at", "evidence", "remarks")
"""Members that a body of any kind may have beside its own."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number or code under which others know an organisation.

    Args:
        scheme: `gln`, `vat`, `lei`, `scac`, or another name `[a-z][a-z0-9-]{1,31}`.
        value: As written there, 1 to 64 printable ASCII characters.
    """

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Onboarding:
    """Who an organisation is, as it says itself.

    Args:
        legal_name: As in the register of its country.
        country: ISO 3166 alpha-2 code of the country that it is registered in; only the form is looked at.
        identifiers: At least one.
        level: How well its identity was proven, one of `LEVELS`.
        proofed_by: Who looked, in words.
        sponsor: URI of the organisation that vouches for it, None if nobody does.
        agreement: SHA-256 of the agreement that it signed, 32 bytes.
        x509: Certificates in DER, its own first, each issued by the next one; none if it has none.
    """

    legal_name: str
    country: str
    identifiers: tuple[Identifier, ...]
    level: str
    proofed_by: str
    sponsor: str | None
    agreement: bytes
    x509: tuple[bytes, ...] = ()

    @classmethod
    def parse(cls, body: object, *, where: str = "body", at: int | None = None) -> Self:
        """Read the body of an onboarding statement.

        Args:
            body: As revealed; all of it has to be there.
            where: What to call it in a complaint.
            at: POSIX time at which its certificates have to be good; None to let that be.

        Raises:
            MalformedError: A member that is missing, unknown or of another form, a number with a wrong check
                digit, or certificates that are no chain. `field` says which member.
        """
        required = ("legal_name", "country", "identifiers", "proofing", "agreement")
        said = fields.exactly_at(body, required, where, optional=("sponsor", "x509", *_ANY_KIND))
        country = fields.text(said["country"], f"{where}.country", longest=2)
        _need(_COUNTRY, country, f"{where}.country", "two capital letters of ISO 3166, such as GT")
        proofing = fields.exactly_at(said["proofing"], ("level", "by"), f"{where}.proofing")
        if proofing["level"] not in LEVELS:
            raise _bad(f"{where}.proofing.level", f"must be one of {', '.join(LEVELS)}")
        return cls(
            legal_name=_line(said["legal_name"], f"{where}.legal_name"),
            country=country,
            identifiers=_identifiers(said["identifiers"], country, f"{where}.identifiers"),
            level=proofing["level"],
            proofed_by=_line(proofing["by"], f"{where}.proofing.by"),
            sponsor=fields.organisation(said["sponsor"], f"{where}.sponsor") if "sponsor" in said else None,
            agreement=fields.from_hex(said["agreement"], 32, f"{where}.agreement"),
            x509=read_chain(said["x509"], f"{where}.x509", at=at) if "x509" in said else (),
        )


@dataclass(frozen=True, slots=True)
class Delegation:
    """Which device has one of an organisation's keys, and how its clock goes.

    Args:
        key: Thumbprint of the key, 32 bytes.
        device_type: `scanner`, `camera`, `portal` or another name.
        name: What the organisation calls the device.
        serial: Its maker's number, if that is told.
        place: Where it stands, if that is told: UN/LOCODE or text.
        clock_offset_s: Seconds by which its clock was ahead of true time; negative when it was behind.
        measured_at: When that was measured.
        since: From when on it is the device's; None for the key's beginning in the registry.
        until: Until when; None for the key's end.
    """

    key: bytes
    device_type: str
    name: str
    serial: str | None
    place: str | None
    clock_offset_s: float
    measured_at: datetime
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, body: object, *, where: str = "body") -> Self:
        """Read the body of a delegation statement.

        Args:
            body: As revealed; all of it has to be there.
            where: What to call it in a complaint.

        Raises:
            MalformedError: A member that is missing, unknown or of another form, or an end that is not after
                the beginning. `field` says which member.
        """
        required = ("key", "device", "clock_offset_s", "measured_at")
        said = fields.exactly_at(body, required, where, optional=("from", "to", *_ANY_KIND))
        device = fields.exactly_at(
            said["device"], ("type", "name"), f"{where}.device", optional=("serial", "place")
        )
        kind = fields.text(device["type"], f"{where}.device.type", longest=64)
        _need(_DEVICE_TYPE, kind, f"{where}.device.type", "2 to 64 characters a-z 0-9 -, a letter first")
        since = fields.timestamp(said["from"], f"{where}.from") if "from" in said else None
        until = fields.timestamp(said["to"], f"{where}.to") if "to" in said else None
        if since is not None and until is not None and until <= since:
            raise _bad(f"{where}.to", "must be after `from`")
        return cls(
            key=fields.from_hex(said["key"], 32, f"{where}.key"),
            device_type=kind,
            name=_line(device["name"], f"{where}.device.name"),
            serial=_line(device["serial"], f"{where}.device.serial") if "serial" in device else None,
            place=_line(device["place"], f"{where}.device.place") if "place" in device else None,
            clock_offset_s=_seconds(said["clock_offset_s"], f"{where}.clock_offset_s"),
            measured_at=fields.timestamp(said["measured_at"], f"{where}.measured_at"),
            since=since,
            until=until,
        )


def check_body(kind: str, body: Mapping[str, Any], *, at: int | None = None) -> None:
    """Return when the body of a statement of these kinds is in order; other kinds are not looked at.

    Args:
        kind: Kind of the statement.
        body: As revealed.
        at: POSIX time at which certificates have to be good; None to let that be.

    Raises:
        MalformedError: It is not; `field` says where, as `body.identifiers.0.value`.
    """
    if kind == ONBOARDING:
        Onboarding.parse(body, at=at)
    elif kind == DELEGATION:
        Delegation.parse(body)


def _identifiers(value: object, country: str, where: str) -> tuple[Identifier, ...]:
    listed = fields.array(value, where)
    if not 1 <= len(listed) <= MAX_IDENTIFIERS:
        raise _bad(where, f"must be 1 to {MAX_IDENTIFIERS} identifiers")
    found = tuple([_identifier(one, country, f"{where}.{place}") for place, one in enumerate(listed)])
    if len(set(found)) != len(found):
        raise _bad(where, "names one identifier twice")
    return found


def _identifier(value: object, country: str, where: str) -> Identifier:
    members = fields.exactly_at(value, ("scheme", "value"), where)
    scheme = fields.text(members["scheme"], f"{where}.scheme", longest=32)
    _need(_SCHEME, scheme, f"{where}.scheme", "2 to 32 characters a-z 0-9 -, a letter first")
    text = fields.text(members["value"], f"{where}.value", longest=64)
    _need(_VALUE, text, f"{where}.value", "printable ASCII characters without a blank at either end")
    if not _is_valid(scheme, text, country):
        raise _bad(f"{where}.value", f"{text!r} is no valid {scheme}; check its form and its check digit")
    return Identifier(scheme, text)


def _is_valid(scheme: str, text: str, country: str) -> bool:
    """Return whether a number keeps the rules of its scheme, where there are any that are known here."""
    try:
        if scheme == "scac":
            identifiers.check_scac(text)
        elif scheme == "gln":
            return identifiers.check_gln(text) is None
        elif scheme == "lei":
            lei.validate(text)
        elif scheme == "vat" and (numbers := get_cc_module(country, "vat")) is not None:
            numbers.validate(text)
    except (MalformedError, ValidationError):
        return False
    return True


def _seconds(value: object, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad(field, "must be a number of seconds, negative when the clock is behind")
    # Written so that what is no number at all (NaN) fails too.
    if not -MAX_OFFSET_SECONDS <= value <= MAX_OFFSET_SECONDS:
        raise _bad(field, f"must be between -{MAX_OFFSET_SECONDS} and {MAX_OFFSET_SECONDS} seconds")
    return float(value)


def _line(value: object, field: str) -> str:
    text = fields.text(value, field, longest=200)
    if not text.isprintable() or text != text.strip():
        raise _bad(field, "must be one line of printable characters without blanks at either end")
    return text


def _need(pattern: re.Pattern[str], text: str, field: str, form: str) -> None:
    if not pattern.fullmatch(text):
        raise _bad(field, f"must be {form}")


def _bad(field: str, what: str) -> MalformedError:
    return MalformedError("malformed-field", f"{field} {what}", field=field)
