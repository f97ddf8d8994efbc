"""What the XML of an N42.42 document says beside its counts: edition, lane, occupancy, alarms, whose load."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO
from xml.etree import ElementTree as ET

from ledger.domain.errors import MalformedError
from ledger.readers.formats.xml_tree import MAX_BYTES, text

_EDITIONS = {
    "http://physics.nist.gov/N42/2011/N42": "N42.42-2012",
    "http://physics.nist.gov/Divisions/Div846/Gp4/ANSIN4242/2005/ANSIN4242": "N42.42-2006",
}
_ROOTS = {"RadInstrumentData": "N42.42-2012", "N42InstrumentData": "N42.42-2006"}
_ROOT_TAG = re.compile(rb"<(?:RadInstrumentData|N42InstrumentData)\b")
_ZONE = re.compile(r"T[\d:.]+(Z|[+-]\d\d:\d\d)$")
_CONTAINER = re.compile(r"\b[A-Z]{3}[UJZR]\s?\d{6}[\s-]?\d\b")
_OCCUPANCY = re.compile(r"Occupancy number\s*=\s*(\d{1,9})", re.IGNORECASE)
_YES = {"true", "1", "yes"}
_MAX_ALARMS, _MAX_TEXT = 50, 300
_COUNTS = {"ChannelData", "CountData", "EnergyBoundaryValues"}


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says of itself.

    Args:
        edition: `N42.42-2006` or `N42.42-2012`.
        zone: `Z` or `+hh:mm`, as the first start time has it; None without one.
        containers: Container numbers (ISO 6346) that occur in it.
        occupancy: Number of the occupancy, where said.
        alarms: Category and description of each alarm.
        judged: It holds the results of an analysis, so that no alarm means none was raised.
        analysis: What the analysis says, for people.
    """

    edition: str
    zone: str | None
    containers: tuple[str, ...]
    occupancy: int | None
    alarms: tuple[tuple[str, str], ...]
    judged: bool
    analysis: tuple[str, ...]


def mended(source: BinaryIO, size: int) -> BinaryIO:
    """Return a document with the prefix declared that SpecUtils and InterSpec write and never declare.

    Args:
        source: The document.
        size: Bytes in it; one that is too large to be parsed comes back as it is.
    """
    if size > MAX_BYTES:
        return source
    data = source.read()
    if b"<InterSpec:" in data and b"xmlns:InterSpec" not in data:
        data = _ROOT_TAG.sub(rb'\g<0> xmlns:InterSpec="urn:InterSpec"', data, count=1)
    return BytesIO(data)


def describe(root: ET.Element, namespace: str) -> Document:
    """Return what a document says of itself.

    Args:
        root: Its tree, names without their namespace.
        namespace: That of the root.

    Raises:
        MalformedError: It is not N42.42.
    """
    edition = _EDITIONS.get(namespace) or _ROOTS.get(root.tag)
    if edition is None or root.tag not in _ROOTS:
        raise MalformedError("not-n42", "the XML is no N42.42 document: its root or namespace is another one")
    started = next((each for each in _texts(root, {"StartDateTime", "StartTime"})), "")
    zone = _ZONE.search(started)
    analyses = root.findall(".//AnalysisResults")
    words = [each for each in _texts(root, None) if each]
    numbers = (_OCCUPANCY.search(each) for each in words)
    named = {re.sub(r"[\s-]", "", found) for each in words for found in _CONTAINER.findall(each)}
    said = (text(each, "AnalysisResultDescription") for each in analyses)
    return Document(
        edition,
        zone[1] if zone else None,
        tuple(sorted(named))[:_MAX_ALARMS],
        next((int(each[1]) for each in numbers if each), None),
        tuple(_alarms(root))[:_MAX_ALARMS],
        bool(analyses),
        tuple(each[:_MAX_TEXT] for each in said if each)[:_MAX_ALARMS],
    )


def _alarms(root: ET.Element) -> Iterator[tuple[str, str]]:
    for alarm in root.iter("RadAlarm"):
        description = text(alarm, "RadAlarmDescription") or ""
        yield (text(alarm, "RadAlarmCategoryCode") or "Other")[:_MAX_TEXT], description[:_MAX_TEXT]
    # The 2006 edition has no word of its own for it; portals write such elements in name spaces of theirs.
    for kind in ("Gamma", "Neutron"):
        if any(each.lower() in _YES for each in _texts(root, {f"{kind}Alarm", f"{kind}AlarmIndicator"})):
            yield kind, ""


def _texts(root: ET.Element, names: set[str] | None) -> Iterator[str]:
    for element in root.iter():
        if (names is None and element.tag not in _COUNTS) or (names is not None and element.tag in names):
            yield (element.text or "").strip()
