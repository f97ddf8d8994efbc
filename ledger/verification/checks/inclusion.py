"""Check `inclusion`: one history under the target, signed by the log, with every statement in it."""

from collections.abc import Sequence

from ledger.domain.checkpoint import Cosignature, SignedCheckpoint, open_checkpoint, verify_cosignatures
from ledger.domain.errors import CorridorError, VerificationError
from ledger.domain.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.domain.note import Note, verify_note
from ledger.domain.tlog_proof import TlogProof
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, count
from ledger.verification.dossier import Dossier
from ledger.verification.facts import History, ProvenCheckpoint, Said
from ledger.verification.receipt import Inclusion, open_receipt
from ledger.verification.trust import Trust

NAME = "inclusion"


def check_inclusion(dossier: Dossier, trust: Trust, said: Sequence[Said]) -> tuple[Check, History | None]:
    """Return the check, and the history when the target checkpoint is the trusted log's.

    Args:
        dossier: What was parsed.
        trust: The trust file.
        said: The statements; their entries were made from the statements' own bytes.
    """
    findings = Findings(NAME)
    history = _history(dossier, trust, findings)
    if history is None:
        return findings.conclude(""), None
    size, root = history.target.size, history.target.root
    for one in said:
        try:
            verify_inclusion(leaf_hash(one.entry), one.index, size, one.path, root)
        except VerificationError as error:
            findings.fail(
                "not-included", f"{one.shown} is not in the log as the dossier says: {error.message}."
            )
    if dossier.receipt is not None:
        _check_receipt(dossier, trust, history, said, findings)
    message = f"{count(len(said), 'statement')} in the log of {size} entries that {trust.origin} signed."
    return findings.conclude(message), history


def _history(dossier: Dossier, trust: Trust, findings: Findings) -> History | None:
    try:
        target = _open(dossier.target, trust)
        if target.checkpoint.size != dossier.header.target:
            raise VerificationError("other-target", "the manifest names another size than it has")
        first, replayed = _cosignatures(target.note, trust)
        renewed = verify_cosignatures(target.note, trust.witnesses.keys, pick=max)
    except CorridorError as error:
        findings.fail(error.code, f"The target checkpoint cannot be believed: {error.message}.")
        return None
    proven = {target.checkpoint.size: ProvenCheckpoint(target, first)}
    newest = 0
    for number, earlier in enumerate(dossier.checkpoints, 1):
        try:
            signed = _open(earlier.note, trust)
            size, root = signed.checkpoint.size, signed.checkpoint.root
            if not newest < size < target.checkpoint.size:
                raise VerificationError("checkpoint-order", "its size is not between those beside it")
            newest = size
            verify_consistency(size, target.checkpoint.size, earlier.proof, root, target.checkpoint.root)
            cosignatures, _ = _cosignatures(signed.note, trust)
        except CorridorError as error:
            message = f"Earlier checkpoint {number} is not of the target's history: {error.message}."
            findings.fail(error.code, message)
        else:
            proven[size] = ProvenCheckpoint(signed, cosignatures)
    return History(proven[target.checkpoint.size], proven, renewed, replayed)


def _open(note: bytes, trust: Trust) -> SignedCheckpoint:
    signed = open_checkpoint(note, [key.vkey for key in trust.log_keys])
    good = [key.vkey for key in trust.log_keys if key.covers(signed.checkpoint.size)]
    # Where keys overlap in a change of keys, any one that was good will do.
    return signed if signed.key in good else signed._replace(key=verify_note(signed.note, good)[0])


def _cosignatures(note: Note, trust: Trust) -> tuple[Sequence[Cosignature], Sequence[Cosignature]]:
    """Return the first cosignatures of the pinned witnesses and of the pinned index cosigners.

    A line of either that does not hold raises: whoever writes such a note is not to be followed in the rest.
    """
    return (
        verify_cosignatures(note, trust.witnesses.keys),
        verify_cosignatures(note, trust.index_cosigners),
    )


def _check_receipt(
    dossier: Dossier, trust: Trust, history: History, said: Sequence[Said], findings: Findings
) -> None:
    if dossier.receipt is None or not said:
        return
    receipt, tlog_proof = dossier.receipt
    one = said[0]
    expected = Inclusion(history.target.size, one.index, one.path)
    keys = [key.cose_key for key in trust.receipt_keys if key.covers(history.target.size)]
    problem = VerificationError("receipt-key", "the trust file names no receipt key for this size")
    for key in keys:
        try:
            found = open_receipt(
                receipt, key=key, origin=trust.origin, sub=one.statement.sub, entry=one.entry
            )
        except CorridorError as error:
            problem = VerificationError(error.code, error.message)
        else:
            if found == expected:
                break
            problem = VerificationError("receipt-place", "it shows another place or size than the checkpoint")
    else:
        findings.fail(problem.code, f"The COSE Receipt cannot be believed: {problem.message}.")
    try:
        same = TlogProof(one.index, one.path, dossier.target, one.entry).encode() == tlog_proof
    except CorridorError:
        same = False
    if not same:
        findings.fail("tlog-proof", "The tlog-proof is not the one of this statement and checkpoint.")
