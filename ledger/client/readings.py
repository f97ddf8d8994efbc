"""What a reader says of an item as a statement of whoever ran it (formats, section 20).

What was found is content of the item, and sealed as the item is. Disclosed to a ledger it would lie there in
the clear, and stay when the item is erased.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ledger.client.evidence import seal_into
from ledger.client.http import wrong_answer
from ledger.client.service import Service
from ledger.domain import fields, strict_json
from ledger.domain.evidence import EvidenceItem, Label
from ledger.domain.statement import Draft, Reference
from ledger.evidence.sealing import SealedItem
from ledger.readers.reading import Fingerprint, Reading

READING: Final = "reading"
"""Kind of the statement that tells what a reader found in an item."""
OF: Final = "of"
"""How a reading refers to the statement that claims the item."""
RENDITION: Final = "rendition-"
"""How the category of a rendition begins; that of the original follows."""

_MOST_COMPLAINTS: Final = 64
_MOST_CODE: Final = 64
_MOST_MESSAGE: Final = 500
_MOST_NAME: Final = 200


def seal_renditions(
    reading: Reading, category: str, seal: Callable[[Iterable[bytes], Label], SealedItem]
) -> list[SealedItem]:
    """Seal what a reader made for people, and what it found.

    Args:
        reading: What came of the reader.
        category: Of the original.
        seal: Seals an item and stores it, such as `seal_into` with its folder.
    """
    called = f"{RENDITION}{category}"[:_MOST_CODE]
    made = [
        seal([one.data], Label.parse(one.media_type, called, one.title[:_MOST_NAME]))
        for one in reading.renditions
    ]
    if reading.found:
        found = strict_json.dumps(dict(reading.found))
        made.append(seal([found], Label.parse("application/json", called, "what was found")))
    return made


def reading_draft(
    reading: Reading,
    item: EvidenceItem,
    claim: bytes,
    target: tuple[Sequence[str], Sequence[bytes]],
    renditions: Sequence[EvidenceItem] = (),
) -> Draft:
    """Return what is to be signed of a reading.

    Args:
        reading: What came of the reader.
        item: The original.
        claim: Id of the statement that claims it, 32 bytes.
        target: Subjects and streams of that statement.
        renditions: Made of the original, sealed as it is; what was found is among them.
    """
    subjects, streams = target
    body = reading_body(reading, item, renditions)
    return Draft(READING, subjects, streams, body, references=[Reference(OF, claim)])


def reading_body(
    reading: Reading, item: EvidenceItem, renditions: Sequence[EvidenceItem] = ()
) -> dict[str, Any]:
    """Return the body of a reading (formats, section 20).

    Args:
        reading: What came of the reader.
        item: The original.
        renditions: Made of it.
    """
    complaints = [
        {"code": one.code[:_MOST_CODE], "message": one.message[:_MOST_MESSAGE]}
        for one in reading.complaints[:_MOST_COMPLAINTS]
    ]
    body: dict[str, Any] = {
        "of": item.commitment.hex(),
        "category": item.category,
        "reader": {"name": reading.reader, "version": reading.version},
        "outcome": reading.outcome,
        "complaints": complaints,
    }
    if reading.format is not None:
        body["format"] = reading.format
    if renditions:
        body["evidence"] = [one.to_json() for one in renditions]
    return body


def sealing_into(folder: Path) -> Callable[[Iterable[bytes], Label], SealedItem]:
    """Return how renditions are sealed into a folder; see `seal_into`."""
    return lambda pieces, label: seal_into(folder, pieces, label)


def offer_fingerprints(
    service: Service, cid: str, subject: str, fingerprints: Sequence[Fingerprint]
) -> list[dict[str, Any]]:
    """Show a ledger the fingerprints of an item, and return the alarms: the same content for another trip.

    Args:
        service: The ledger.
        cid: Of the item, which a statement of one's own claims.
        subject: URI of the trip that it is of.
        fingerprints: What the reader made of it.

    Raises:
        CorridorError: The ledger refuses it, and why.
        UnavailableError: It cannot be reached now; offered again, they do no harm.
    """
    alarms: list[dict[str, Any]] = []
    for one in fingerprints:
        offer = {"cid": cid, "subject": subject, **fingerprint_json(one)}
        answer = service.session.ask(
            "POST",
            "/v1/fingerprints",
            content=strict_json.dumps(offer),
            headers={"Content-Type": "application/json"},
        ).json()
        matches = answer.get("matches")
        if not isinstance(matches, list):
            raise wrong_answer("fingerprints without matches")
        alarms += [match for match in matches if isinstance(match, dict)]
    return alarms


def fingerprint_json(one: Fingerprint) -> dict[str, str]:
    """Return a fingerprint as it is offered."""
    perceptual = {} if one.perceptual is None else {"perceptual": one.perceptual.hex()}
    return {"kind": one.kind, "exact": one.exact.hex()} | perceptual


def fingerprint_of(value: object) -> Fingerprint:
    """Return a fingerprint from what `fingerprint_json` made of it; MalformedError when it is none."""
    members = fields.exactly(value, ("kind", "exact"), "a fingerprint", optional=("perceptual",))
    perceptual = members.get("perceptual")
    return Fingerprint(
        fields.text(members["kind"], "kind", longest=64),
        fields.from_hex(members["exact"], 32, "exact"),
        None if perceptual is None else fields.from_hex(perceptual, 32, "perceptual"),
    )
