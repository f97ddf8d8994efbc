"""What readers found in evidence, as far as the reader of a dossier can open it (formats, section 20)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.domain import strict_json
from ledger.domain.concealed import READING
from ledger.domain.errors import CorridorError, VerificationError
from ledger.domain.evidence import EvidenceItem, items
from ledger.verification.container import STREAMED, Container
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Said
from ledger.verification.sealed import Identity, open_sealed, unwrap_secret

MAX_FOUND: Final = 1_048_576
"""Bytes of what one reader found; more is not looked at."""
MAX_READINGS: Final = 1_000
_RENDITION: Final = "rendition-"
_JSON: Final = "application/json"
_NAME: Final = "what was found"


def opened_readings(
    dossier: Dossier, container: Container, said: Sequence[Said], identities: Sequence[Identity]
) -> Mapping[bytes, Mapping[str, Any]]:
    """Return what readers found, by the id of the `reading` that says so.

    What cannot be opened, is no strict JSON object or is larger than `MAX_FOUND` is passed over: whether the
    bytes are those that were committed to is for the check `evidence` to say.

    Args:
        dossier: What was parsed.
        container: Where the stored bytes lie.
        said: The statements.
        identities: age identities of the reader.
    """
    secrets = dict(dossier.secrets)
    found: dict[bytes, Mapping[str, Any]] = {}
    for one in said:
        if one.statement.kind != READING or len(found) >= MAX_READINGS:
            continue
        value = one.body.get("found")
        for item in () if isinstance(value, dict) else _told_in(one):
            wrapped = secrets.get(item.commitment)
            secret = None if wrapped is None else unwrap_secret(wrapped, identities)
            if secret is not None and STREAMED + item.cid in container.names:
                value = _opened(item, secret, container)
        if isinstance(value, dict):
            found[one.statement.id] = value
    return found


def _told_in(one: Said) -> Iterator[EvidenceItem]:
    try:
        listed = items(one.body)
    except CorridorError:
        return
    for item in listed:
        labelled = item.category.startswith(_RENDITION) and item.name == _NAME
        if labelled and item.media_type == _JSON and item.size <= MAX_FOUND:
            yield item


def _opened(item: EvidenceItem, secret: bytes, container: Container) -> object:
    content = bytearray()

    def take(piece: bytes) -> None:
        if len(content) + len(piece) > MAX_FOUND:
            raise VerificationError("evidence-changed", "it is longer than the statement says")
        content.extend(piece)

    try:
        open_sealed(item, secret, container.chunks(STREAMED + item.cid), take)
        return strict_json.loads(bytes(content), max_bytes=MAX_FOUND)
    except CorridorError:
        return None
