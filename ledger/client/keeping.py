"""Erasing one's own items: what is due at a ledger, what to say of it, and what lies on this machine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.client.http import wrong_answer
from ledger.client.service import Service, subject_path
from ledger.domain import fields, strict_json
from ledger.domain.concealed import READING
from ledger.domain.erasure import ERASURE, MAX_ERASED, Erased, Erasure
from ledger.domain.errors import CorridorError, MalformedError
from ledger.domain.evidence import EvidenceItem, checked_cid, items
from ledger.domain.fingerprint import Offer
from ledger.domain.statement import Draft

_MAX_ITEM = 16_384


@dataclass(frozen=True, slots=True)
class Claimed:
    """An item of one's own, and where it is claimed.

    Args:
        item: Its name.
        subject: URI of the subject that the claim is about first.
        stream: Tag of the first stream that the claim is filed in.
    """

    item: Erased
    subject: str
    stream: bytes


def due(service: Service, subject: str | None = None, at: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield one's own items that were kept as long as was agreed, as the service shows them.

    Args:
        service: A ledger.
        subject: URI of the only subject that is asked for.
        at: RFC 3339 time for which it is asked.

    Raises:
        CorridorError: It is not told, or cannot be reached.
    """
    return service.items("/v1/retention", {"subject": subject, "at": at})


def alarms(service: Service) -> Iterator[dict[str, Any]]:
    """Yield the alarms about contents that were offered for two trips; raises as `due`."""
    return service.items("/v1/alarms", {})


def offer(service: Service, fingerprint: Offer) -> list[dict[str, Any]]:
    """Offer a fingerprint of an item that is claimed, and return the alarms that it raised.

    Raises:
        CorridorError: The item is not one's own to offer, was erased, or the service cannot be reached.
    """
    answer = service.session.ask(
        "POST",
        "/v1/fingerprints",
        content=strict_json.dumps(fingerprint.to_json()),
        headers={"Content-Type": "application/json"},
    ).json()
    matches = answer.get("matches")
    if not isinstance(matches, list):
        raise wrong_answer("no list of matches")
    return matches


def claimed_of(shown: dict[str, Any]) -> Claimed:
    """Return an item that the service shows as due.

    Raises:
        VerificationError: It is none.
    """
    try:
        commitment = fields.from_hex(shown.get("commitment"), 32, "commitment")
        stream = fields.from_hex(fields.array(shown.get("streams"), "streams")[0], 32, "streams.0")
        item = Erased(commitment, checked_cid(shown.get("cid")))
        return Claimed(item, fields.text(shown.get("subject"), "subject", longest=400), stream)
    except (MalformedError, IndexError) as error:
        raise wrong_answer(f"something else than an item that is due ({error})") from None


def claims_in(service: Service, subject: str, organisation: str) -> Iterator[Claimed]:
    """Yield the items that an organisation claims about a subject, each as often as it claims them.

    Args:
        service: A ledger.
        subject: URI.
        organisation: Whose claims.

    Raises:
        CorridorError: The subject is not there, or the service cannot be reached.
    """
    for shown in service.statements(subject):
        yield from _claims(shown, subject, organisation)


def made_of(service: Service, originals: Iterable[Claimed], organisation: str) -> list[Claimed]:
    """Return the items of an organisation's own readings of items: renditions, and what was found.

    What was read of a rendition is among them. Readings by others are theirs to erase.

    Args:
        service: A ledger.
        originals: What was read, and where it is claimed.
        organisation: Whose readings.

    Raises:
        CorridorError: The service cannot be reached.
    """
    wanted = list(originals)
    read = {one.item.commitment.hex() for one in wanted}
    made: list[Claimed] = []
    for subject in sorted({one.subject for one in wanted}):
        # In the order of the log, in which a rendition is claimed before it is read itself.
        for shown in service.statements(subject, kind=READING):
            found = _claims(shown, subject, organisation)
            if found and shown["body"].get("of") in read:
                made += found
                read.update(one.item.commitment.hex() for one in found)
    return [one for one in made if one not in wanted]


def erased_before(service: Service, subjects: Iterable[str], organisation: str) -> dict[str, int]:
    """Return the CIDs of what an organisation has erased of subjects, and when: POSIX seconds.

    Raises:
        CorridorError: A subject is not there, or the service cannot be reached.
    """
    return {
        one["cid"]: one["at"]
        for subject in sorted(set(subjects))
        for one in service.items(f"{subject_path(subject)}/erasures", {})
        if one.get("organisation") == organisation and one.get("state") != "held"
    }


def drafts(claimed: Iterable[Claimed], because: str, note: str | None, occurred_at: str) -> Iterator[Draft]:
    """Yield the statements by which items are erased: each is filed where its items are claimed.

    Args:
        claimed: What to erase.
        because: One of `CAUSES`.
        note: For people, None for none.
        occurred_at: RFC 3339 time.
    """
    by_place: dict[tuple[str, bytes], dict[Erased, None]] = {}
    for one in claimed:
        by_place.setdefault((one.subject, one.stream), {})[one.item] = None
    for (subject, stream), named in sorted(by_place.items()):
        listed = list(named)
        for start in range(0, len(listed), MAX_ERASED):
            said = Erasure(tuple(listed[start : start + MAX_ERASED]), because, note)
            body = said.to_json() | {"occurred_at": occurred_at}
            yield Draft(ERASURE, (subject,), (stream,), body)


def remove_copies(folder: Path, erased: Iterable[Erased]) -> list[Path]:
    """Remove what `corridor evidence add` left in a folder of erased items, and return what it was.

    Wrapped secrets and sealed bytes go; what a statement says of an item stays. A file system may keep what
    was deleted: encrypt the disk, and count backups in.

    Args:
        folder: With files `*.item.json`, `*.secret.age` and sealed bytes under their CIDs.
        erased: The items.

    Raises:
        OSError: A file cannot be removed.
    """
    gone = {(one.commitment, one.cid) for one in erased}
    removed = []
    for path in sorted(folder.glob("*.item.json")):
        item = _item_in(path)
        if item is None or (item.commitment, item.cid) not in gone:
            continue
        name = path.name.removesuffix(".item.json")
        for copy in (path.with_name(f"{name}.secret.age"), path.with_name(item.cid)):
            if copy.is_file() and not copy.is_symlink():
                copy.unlink()
                removed.append(copy)
    return removed


def _claims(shown: dict[str, Any], subject: str, organisation: str) -> list[Claimed]:
    """Return what a statement claims, as the service shows it; nothing of what others say."""
    if shown.get("iss") != organisation or not isinstance(shown.get("body"), dict):
        return []
    try:
        stream = fields.from_hex(fields.array(shown.get("streams"), "streams")[0], 32, "streams.0")
        return [Claimed(Erased(one.commitment, one.cid), subject, stream) for one in items(shown["body"])]
    except (MalformedError, IndexError):
        return []


def _item_in(path: Path) -> EvidenceItem | None:
    try:
        data = path.read_bytes()[: _MAX_ITEM + 1]
        return EvidenceItem.parse(strict_json.loads(data, max_bytes=_MAX_ITEM))
    except (OSError, CorridorError):
        return None
