"""UN/EDIFACT messages of carriers: manifest (CUSCAR), verified gross mass (VERMAS), stow plan (BAPLIE)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from ledger.domain.errors import MalformedError
from ledger.readers import claims
from ledger.readers.papers import Amounts, Container, Figures, Goods, Paper, hs_code, named, parties
from ledger.readers.reading import Complaint, Reading
from ledger.readers.registry import Context

NAME = "edifact"
FORMAT = "EDIFACT"

_MAX_BYTES = 8 * 1024 * 1024
_DOCUMENTS = {"CUSCAR": "manifest", "VERMAS": "verified-gross-mass", "BAPLIE": "stow-plan"}
_ROLES = {"CA": "carrier", "CZ": "consignor", "CN": "consignee", "SPC": "vgm-responsible", "NI": "notify"}
_DATES = {"137": "issued", "132": "arrival", "133": "departure", "WAT": "weighed"}
_PLACES = {"9": "loading", "11": "discharge", "5": "departure", "61": "next-port", "147": "stowage"}
_NUMBERS = {"BM": "bill-of-lading", "BN": "booking"}
_ENCODINGS = {"UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso8859-1", "UNOW": "utf-8"}

Element = Sequence[str]


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment.

    Args:
        tag: Three letters.
        elements: Its data elements, each as its components.
    """

    tag: str
    elements: Sequence[Element]

    def at(self, element: int, component: int = 0) -> str | None:
        """Return a component, None where there is none or nothing in it."""
        if element < len(self.elements) and component < len(self.elements[element]):
            return self.elements[element][component] or None
        return None


@cache
def version() -> str:
    """Return the version of this reader."""
    return "1"


def prepare() -> None:
    """Nothing is loaded late."""


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item begins as an interchange does (ISO 9735-1)."""
    return size > 8 and re.match(rb"(?:UNA.{6}\s*)?UNB", head, re.DOTALL) is not None


def read(source: BinaryIO, context: Context) -> Reading:
    """Return what the first message of an interchange says.

    Raises:
        MalformedError: Too large, or no text.
    """
    source.seek(0)
    data = source.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise MalformedError("too-large", f"the interchange has more than {_MAX_BYTES} bytes")
    segments = list(_segments(data))
    header = next((each for each in segments if each.tag == "UNH"), None)
    kind = (header.at(1) if header else None) or "unknown"
    paper = _paper(kind, segments)
    messages = sum(each.tag == "UNH" for each in segments)
    found = {"paper": paper.to_json(), "message": kind[:6], "messages": messages}
    wrong = claims.media_type(context, ("application/edifact",)) + paper.complained(context)
    if not segments or segments[-1].tag != "UNZ":
        wrong += (Complaint("truncated", "the interchange has no end: it was cut off"),)
    if messages > 1:
        wrong += (Complaint("rows-left-out", "the interchange holds several messages; the first was read"),)
    return Reading(NAME, version(), FORMAT, found, wrong)


def _segments(data: bytes) -> Iterator[Segment]:
    """Return the segments, taken apart by the marks that the interchange itself names (ISO 9735-1, 7)."""
    marks = data[3:9].decode("latin-1") if data.startswith(b"UNA") else ":+.? '"
    component, element, release, end = marks[0], marks[1], marks[3], marks[5]
    body = data[9:] if data.startswith(b"UNA") else data
    named_as = body.lstrip()[4:8].decode("latin-1")
    text = body.decode(_ENCODINGS.get(named_as, "latin-1"), "replace")
    for raw in _split(text, end, release):
        elements = [
            [_unescape(each, release) for each in _split(one, component, release)]
            for one in _split(raw.strip("\r\n "), element, release)
        ]
        if elements and elements[0][0]:
            yield Segment(elements[0][0], elements[1:])


def _split(text: str, mark: str, release: str) -> list[str]:
    """Return the parts between marks that no release character stands before."""
    parts, start, at = [], 0, 0
    wanted = re.compile(f"[{re.escape(mark)}{re.escape(release)}]")
    while (found := wanted.search(text, at)) is not None:
        at = found.end() + (found[0] == release)
        if found[0] != release:
            parts.append(text[start : found.start()])
            start = at
    return [*parts, text[start:]]


def _unescape(text: str, release: str) -> str:
    return re.sub(rf"{re.escape(release)}(.)", r"\1", text, flags=re.DOTALL)


def _paper(name: str, segments: Sequence[Segment]) -> Paper:
    figures = Figures()
    first = next((n for n, each in enumerate(segments) if each.tag == "UNT"), len(segments))
    message = segments[:first]

    def coded(tag: str, names: Mapping[str, str]) -> list[tuple[str, Segment]]:
        return [
            (names[code], each) for each in message if each.tag == tag and (code := each.at(0) or "") in names
        ]

    vessel = [each for each in message if each.tag == "TDT"]
    document = next((each.at(1) for each in message if each.tag == "BGM"), None)
    return Paper(
        document=_DOCUMENTS.get(name, "edifact-message"),
        numbers=named(
            [
                ("document", document),
                *((kind, each.at(0, 1)) for kind, each in coded("RFF", _NUMBERS)),
                *(("voyage", each.at(1)) for each in vessel),
                *(("imo", each.at(7)) for each in vessel),
                *(("vessel", each.at(7, 3)) for each in vessel),
            ]
        ),
        dates=named([(kind, each.at(0, 1)) for kind, each in coded("DTM", _DATES)]),
        places=named([(kind, each.at(1)) for kind, each in coded("LOC", _PLACES)]),
        parties=parties(
            [(role, each.at(3) or each.at(4), each.at(1)) for role, each in coded("NAD", _ROLES)]
        ),
        containers=_boxes(message, figures),
        goods=_goods(message, figures),
        complaints=figures.complaints(),
    )


def _boxes(message: Sequence[Segment], figures: Figures) -> tuple[Container, ...]:
    """Return the boxes, with the weights and seals that stand between each and the first consignment."""
    seals = [each.at(0) for each in message if each.tag == "SEL"]
    weights: dict[str, float | None] = {}
    for each in message:
        code = each.at(1) if each.at(0) in {"WT", "AAE"} else each.at(0)
        if each.tag == "MEA" and code is not None:
            weights.setdefault(code, figures.kilograms(each.at(2, 1), each.at(2)))
    boxes = {each.at(1): each.at(2) for each in message if each.tag == "EQD" and each.at(1)}
    if len(boxes) != 1:
        return tuple([Container(number, kind) for number, kind in boxes.items() if number])
    number, kind = next(iter(boxes.items()))
    amounts = Amounts(tare_kg=weights.get("T"), vgm_kg=weights.get("VGM") or weights.get("G"))
    return (Container(number or "", kind, tuple([each for each in seals if each]), amounts),)


def _goods(message: Sequence[Segment], figures: Figures) -> tuple[Goods, ...]:
    start = [n for n, each in enumerate(message) if each.tag == "GID"]
    ends = [*start[1:], len(message)]
    return tuple([_line(message[at:end], figures) for at, end in zip(start, ends, strict=False)])


def _line(segments: Sequence[Segment], figures: Figures) -> Goods:
    goods = segments[0]
    code = next((each.at(1) for each in segments if each.tag == "CST"), None)
    text = next((each.at(3) for each in segments if each.tag == "FTX" and each.at(0) == "AAA"), None)
    gross = next((each for each in segments if each.tag == "MEA" and each.at(1) == "AAD"), None)
    return Goods(
        description=text,
        hs=hs_code(code),
        package_kind=goods.at(1, 1),
        amounts=Amounts(
            packages=figures.number(goods.at(1)),
            gross_kg=None if gross is None else figures.kilograms(gross.at(2, 1), gross.at(2)),
        ),
    )
