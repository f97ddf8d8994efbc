"""ANSI/IEEE N42.42 (2006 and 2012): records of radiation portals and spectrometers, through SpecUtils.

The XML is parsed by defusedxml first: what SpecUtils gets is well-formed and brings no entities.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import version as version_of
from typing import Any, BinaryIO

from ledger.readers import claims, plots
from ledger.readers.formats import n42_counts, n42_document, xml_tree
from ledger.readers.formats.n42_counts import Counts, Rates
from ledger.readers.formats.n42_document import Document
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition
from ledger.readers.registry import Context

NAME, FORMAT = "n42/SpecUtils", "N42.42"
_MARKS = (b"N42InstrumentData", b"RadInstrumentData", b"ANSIN4242", b"physics.nist.gov/N42")
_MEDIA_TYPES = ("application/vnd.n42+xml", "application/xml", "text/xml")
_MAX_TEXT, _MAX_WARNINGS = 300, 20


@cache
def version() -> str:
    """Return the version of this reader and of SpecUtils."""
    return f"1/{version_of('sandiaspecutils')}"


def prepare() -> None:
    """Import SpecUtils and defusedxml, and draw a plot."""
    import defusedxml.ElementTree
    import SpecUtils  # noqa: F401 - so that it is there

    assert defusedxml.ElementTree.iterparse
    version()
    plots.prepare()


def accepts(head: bytes, _size: int) -> bool:
    """Return whether an item is XML that speaks of N42.42 at its beginning."""
    if not xml_tree.looks_like(head):
        return False
    plain = head.replace(b"\0", b"") if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else head
    return any(mark in plain for mark in _MARKS)


def read(source: BinaryIO, context: Context) -> Reading:
    """Return lane, occupancy, time, gross counts, alarms, a spectrum and a count profile.

    Raises:
        MalformedError: Not well-formed, with entities, too large, or without measurements.
    """
    document = n42_document.describe(*xml_tree.parse(n42_document.mended(source, context.size)))
    source.seek(0)
    file, counts = n42_counts.decode(source)
    found = {
        "document": _text(file.uuid()),
        "instrument": _instrument(file),
        "lane": file.laneNumber() if file.laneNumber() >= 0 else None,
        "site": _text(file.measurementLocationName()),
        "containers": list(document.containers),
        "detectors": {
            "gamma": [_text(each) for each in file.gammaDetectorNames()],
            "neutron": [_text(each) for each in file.neutronDetectorNames()],
        },
        "measurements": counts.measurements,
        "occupancy": _occupancy(document, counts),
        "counts": _rates(counts.foreground),
        "background": None if counts.background is None else _rates(counts.background),
        "alarm": _alarm(document),
        "analysis": list(document.analysis),
        "warnings": [_text(each) for each in file.parseWarnings()][:_MAX_WARNINGS],
    }
    fingerprints = () if counts.digest is None else (Fingerprint("spectrum", counts.digest),)
    return Reading(
        NAME,
        version(),
        document.edition,
        {name: value for name, value in found.items() if value not in (None, [], "")},
        tuple(_complaints(document, counts, context, file.parseWarnings())),
        tuple(_renditions(counts)),
        fingerprints,
    )


def _instrument(file: Any) -> dict[str, str]:
    said = {
        "manufacturer": file.manufacturer(),
        "model": file.instrumentModel(),
        "device": file.instrumentId(),
        "type": file.instrumentType(),
    }
    return {name: _text(value) for name, value in said.items() if value}


def _occupancy(document: Document, counts: Counts) -> dict[str, Any] | None:
    if not counts.moments:
        return None if document.occupancy is None else {"number": document.occupancy}
    there = [each for each in counts.moments if each.occupied] or list(counts.moments)
    highest = max(counts.moments, key=lambda each: each.gamma)
    said: dict[str, Any] = {
        "number": document.occupancy,
        "from": _time(there[0].start, document.zone),
        "to": _time(n42_counts.ended(there), document.zone),
        "seconds": round((n42_counts.ended(there) - there[0].start).total_seconds(), 3),
        "samples": len(there),
        "of_samples": len(counts.moments),
        "highest_gamma_cps": round(highest.gamma / highest.seconds, 3),
        "highest_at": _time(highest.start, document.zone),
    }
    return {name: value for name, value in said.items() if value is not None}


def _rates(rates: Rates) -> dict[str, float | None]:
    return {
        "gamma": round(rates.gamma, 3),
        "neutron": None if rates.neutron is None else round(rates.neutron, 3),
        "seconds": round(rates.seconds, 3),
    }


def _alarm(document: Document) -> dict[str, Any]:
    raised: bool | None = bool(document.alarms) if document.alarms or document.judged else None
    return {
        "raised": raised,
        "which": [
            {"category": _text(category), "description": _text(said)} for category, said in document.alarms
        ],
    }


def _complaints(
    document: Document, counts: Counts, context: Context, warnings: Sequence[str]
) -> list[Complaint]:
    complaints = [
        *claims.media_type(context, _MEDIA_TYPES),
        *claims.container(context, document.containers),
    ]
    if counts.digest is None:
        complaints.append(Complaint("nothing-counted", "no detector counted anything"))
    if document.zone is None:
        message = "the start time says no time zone, so that it cannot be compared with other clocks"
        complaints.append(Complaint("no-time-zone", message))
    if warnings:
        message = f"SpecUtils has {len(warnings)} warnings about the record"
        complaints.append(Complaint("parser-warnings", message))
    return complaints


def _renditions(counts: Counts) -> list[Rendition]:
    renditions = []
    if len(counts.spectrum):
        picture = plots.spectrum(counts.energies, counts.spectrum)
        renditions.append(Rendition("spectrum", "image/png", picture))
    if counts.moments:
        first = counts.moments[0].start
        seconds = [(each.start - first).total_seconds() for each in counts.moments]
        neutrons = [(each.neutron or 0.0) / each.seconds for each in counts.moments]
        counted = any(each.neutron is not None for each in counts.moments)
        there = [second for second, each in zip(seconds, counts.moments, strict=True) if each.occupied]
        background = counts.background
        level = background.gamma / background.seconds if background and background.seconds else None
        picture = plots.profile(
            seconds,
            [each.gamma / each.seconds for each in counts.moments],
            neutrons if counted else None,
            (level, (there[0], there[-1] + counts.moments[0].seconds) if there else None),
        )
        renditions.append(Rendition("count profile", "image/png", picture))
    return renditions


def _time(moment: datetime, zone: str | None) -> str:
    return moment.isoformat(timespec="milliseconds") + (zone or "")


def _text(value: str) -> str:
    return "".join(each for each in value if each.isprintable())[:_MAX_TEXT]
