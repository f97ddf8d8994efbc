"""Check `completeness`: nothing that was logged in a covered stream is left out of the dossier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.domain.entry import map_root_entry
from ledger.domain.errors import CorridorError, VerificationError
from ledger.domain.map import NOTHING_YET, MapProof, MapValue, running_next
from ledger.domain.map import verify as verify_map
from ledger.domain.merkle import leaf_hash, verify_inclusion
from ledger.domain.subject import STREAM_OPENED, SUBJECT_OPENED, Subject
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, count
from ledger.verification.dossier import Dossier
from ledger.verification.facts import History, Said
from ledger.verification.manifest import CUSTODY, CoveredStream

NAME = "completeness"


@dataclass(frozen=True, slots=True)
class _Entries:
    """What the statements of one stream add up to, and which of them open something in it."""

    value: MapValue
    openings: tuple[Said, ...]


def check_completeness(
    dossier: Dossier, said: Sequence[Said], history: History, replayed_map_root: bytes | None
) -> Check:
    """Return the check.

    Args:
        dossier: What was parsed.
        said: The statements, ascending by index.
        history: The proven history.
        replayed_map_root: Root of the map that the verifier itself made of the whole log up to the target's
            last entry; None when it did not.
    """
    findings = Findings(NAME)
    map_root = dossier.map.map_root
    _check_last_leaf(dossier, history, findings)
    entries = _gather(dossier.header.streams, said, findings)
    proofs = dict(dossier.map.proofs)
    if [tag for tag, _ in dossier.map.proofs] != [stream.tag for stream in dossier.header.streams]:
        findings.fail("map-proofs", "The map proofs are not those of the streams that the dossier covers.")
    for stream in dossier.header.streams:
        _check_stream(stream, entries[stream.tag], proofs.get(stream.tag), map_root, findings)
        _check_opening(stream, entries[stream.tag].openings, findings)
    if not any(
        (one.subject, one.name) == (dossier.header.shipment, CUSTODY) for one in dossier.header.streams
    ):
        message = "The custody stream of the shipment is not among those that the dossier covers."
        findings.fail("no-custody-stream", message)
    source = _believe_map(history, map_root, replayed_map_root, findings)
    message = (
        f"Complete as of entry {history.target.size}: all {count(len(said), 'statement')} of "
        f"{count(len(dossier.header.streams), 'stream')}, {source}."
    )
    return findings.conclude(message)


def _check_last_leaf(dossier: Dossier, history: History, findings: Findings) -> None:
    size = history.target.size
    leaf = leaf_hash(map_root_entry(dossier.map.map_root))
    try:
        verify_inclusion(leaf, size - 1, size, dossier.map.path, history.target.root)
    except VerificationError as error:
        message = f"The map is not the one in the last entry of the target: {error.message}."
        findings.fail("map-not-included", message)


def _gather(
    streams: Sequence[CoveredStream], said: Sequence[Said], findings: Findings
) -> Mapping[bytes, _Entries]:
    values = {stream.tag: NOTHING_YET for stream in streams}
    openings: dict[bytes, list[Said]] = {stream.tag: [] for stream in streams}
    for one in said:
        covered = [tag for tag in one.statement.streams if tag in values]
        if not covered:
            message = (
                f"{one.shown} is in none of the streams that the dossier covers: it does not belong here."
            )
            findings.fail("stray-statement", message)
        for tag in covered:
            before = values[tag]
            running = running_next(before.running, one.index, one.entry)
            values[tag] = MapValue(before.count + 1, running)
            if one.statement.kind in (SUBJECT_OPENED, STREAM_OPENED):
                openings[tag].append(one)
    return {tag: _Entries(value, tuple(openings[tag])) for tag, value in values.items()}


def _check_stream(
    stream: CoveredStream, entries: _Entries, proof: bytes | None, map_root: bytes, findings: Findings
) -> None:
    shown = f'stream "{stream.name}" of {stream.subject}'
    if entries.value.count != stream.count:
        message = (
            f"The dossier says that {shown} has {stream.count} statements and holds {entries.value.count}."
        )
        findings.fail("count-mismatch", message)
    if proof is None:
        return
    try:
        found = verify_map(MapProof.decode(proof), map_root, stream.tag)
    except CorridorError as error:
        findings.fail("map-proof", f"The map proof of {shown} does not hold: {error.message}.")
        return
    if found is None:
        findings.fail("stream-unknown", f"The log's map has no {shown}.")
    elif found != entries.value:
        message = (
            f"The log has {found.count} statements in {shown}, and the dossier does not hold exactly these: "
            f"one was left out, put in or changed."
        )
        findings.fail("stream-mismatch", message)


def _check_opening(stream: CoveredStream, openings: Sequence[Said], findings: Findings) -> None:
    """Refuse a stream that nobody opened for the subject: its tag would be the operator's choice."""
    if stream.name == CUSTODY:
        found = any(_opens_subject(one, stream) for one in openings)
        why = "its subject's name does not commit to it, or the statement that opened it is not there"
    else:
        found = any(_opens_stream(one, stream) for one in openings)
        why = "no authority's statement opened it"
    if not found:
        message = f'"{stream.name}" of {stream.subject} is not that subject\'s stream: {why}.'
        findings.fail("wrong-stream", message)


def _opens_subject(one: Said, stream: CoveredStream) -> bool:
    statement = one.statement
    return (
        statement.kind == SUBJECT_OPENED
        and statement.sub == stream.subject
        and statement.streams == (stream.tag,)
        and Subject.parse(stream.subject).opened_by(statement.iss, stream.tag)
    )


def _opens_stream(one: Said, stream: CoveredStream) -> bool:
    statement = one.statement
    return (
        statement.kind == STREAM_OPENED
        and statement.sub == stream.subject
        and statement.streams == (stream.tag,)
        and one.body.get("stream") == stream.name
    )


def _believe_map(history: History, map_root: bytes, replayed: bytes | None, findings: Findings) -> str:
    """Return whose word the map is; without any, the operator could have left an entry out of it."""
    if replayed is not None:
        if replayed != map_root:
            message = "A replay of the log gives another map than it shows: an entry was left out of it."
            findings.fail("map-mismatch", message)
        return "by the verifier's own replay of the log"
    if not history.replayed:
        message = "No index cosigner that the trust file names has replayed the log up to the target."
        findings.skip("no-index-cosigner", message)
        return ""
    return f"by the word of {' and '.join(one.name for one in history.replayed)}, who replayed the log"
