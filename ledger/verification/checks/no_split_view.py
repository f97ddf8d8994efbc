"""Check `no-split-view`: the history is the one that others see too, and no signer saw another."""

from collections.abc import Sequence

from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings
from ledger.verification.facts import Anchors, History, Log, Said
from ledger.verification.trust import Trust

NAME = "no-split-view"


def check_no_split_view(
    trust: Trust, log: Log, said: Sequence[Said], history: History, anchors: Anchors
) -> Check:
    """Return the check.

    Args:
        trust: The trust file.
        log: The trusted log.
        said: The statements; each signed the newest checkpoint that its signer held.
        history: The proven history.
        anchors: The proven anchors.
    """
    findings = Findings(NAME)
    for one in said:
        _check_seen(one, log, history, findings)
    shared = []
    if trust.chain.control == "independent" and anchors.of_size(history.target.size):
        shared.append(f"anchored on chain {trust.chain.id}")
    quorum = trust.witnesses.quorum
    if quorum and len(history.target.cosignatures) >= quorum:
        shared.append(f"cosigned by {' and '.join(one.name for one in history.target.cosignatures)}")
    if _check_last_seen(trust, history, findings):
        shared.append("the continuation of what this verifier saw before")
    if not shared:
        message = "Nothing independent of the operator shows that others see the same history."
        findings.skip("no-independent-view", message)
    return findings.conclude(f"The target is {', '.join(shared)}.")


def _check_seen(one: Said, log: Log, history: History, findings: Findings) -> None:
    seen = one.statement.seen
    if seen.size == 0:
        if seen.root != log.genesis.hash:
            message = f"The signer of {one.shown} started from another genesis document."
            findings.fail("history-contradicted", message)
        return
    known = history.by_size.get(seen.size)
    if seen.size > one.index or (known is not None and known.root != seen.root):
        message = (
            f"The signer of {one.shown} was shown another history: at size {seen.size} it had another root."
        )
        findings.fail("history-contradicted", message)
    elif known is None:
        message = f"The dossier does not prove the checkpoint of size {seen.size} that {one.shown} names."
        findings.fail("seen-unproven", message)


def _check_last_seen(trust: Trust, history: History, findings: Findings) -> bool:
    """Return whether the history goes on from what the verifier saw; a contradiction fails."""
    last = trust.last_seen
    known = history.by_size.get(last.size) if last is not None else None
    if last is None or known is None:
        return False
    if known.root != last.root:
        message = f"At size {last.size} the verifier saw another root before: the log has two histories."
        findings.fail("history-contradicted", message)
        return False
    return True
