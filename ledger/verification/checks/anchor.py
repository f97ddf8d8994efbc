"""Check `anchor`: the target, and every earlier anchor used, stand on the chain that the verifier trusts."""

from collections.abc import Sequence

from ledger.domain.errors import CorridorError, UnavailableError, VerificationError
from ledger.domain.evm_layout import Closure, anchor_record
from ledger.domain.verdict import Check
from ledger.verification.chain_view import ChainView, Contract
from ledger.verification.checks.findings import Findings, failed, not_checked
from ledger.verification.dossier import AnchorOpening, Dossier
from ledger.verification.facts import Anchors, History, Log
from ledger.verification.proof_view import view_from_proofs
from ledger.verification.state_proof import StateProof
from ledger.verification.trust import ChainTrust, Trust

NAME = "anchor"
NO_ANCHORS = Anchors(())


def find_view(
    proofs: Sequence[StateProof], chain: ChainTrust, given: ChainView | None
) -> tuple[ChainView | None, Check | None]:
    """Return the view of the trusted chain, or the check that says why there is none.

    Args:
        proofs: State proofs of the dossier.
        chain: The trusted chain.
        given: A view that the verifier brought along; the state proofs serve when it cannot be reached.
    """
    try:
        if given is not None:
            try:
                return _trusted(given, chain)
            except UnavailableError:
                # A node that cannot be reached leaves the verifier where it is without one.
                pass
        view = view_from_proofs(proofs, chain)
        return _trusted(view, chain) if view is not None else (None, _why_no_view(proofs, chain))
    except UnavailableError as error:
        return None, not_checked(NAME, "not-proven", f"The state proofs do not show enough: {error.message}.")
    except CorridorError as error:
        return None, failed(NAME, error.code, f"What is shown of the chain does not hold: {error.message}.")


def _why_no_view(proofs: Sequence[StateProof], chain: ChainTrust) -> Check:
    of_chain = [proof for proof in proofs if proof.chain_id == chain.id]
    if not of_chain:
        message = "The dossier holds no state proof of the trusted chain, and no node answers."
        return not_checked(NAME, "no-state-proof", message)
    if all(proof.genesis != chain.genesis for proof in of_chain):
        message = f"The state proofs are of another chain that calls itself {chain.id} too."
        return failed(NAME, "other-chain", message)
    # Only the number is taken from the dossier: the hash that is pinned comes from the verifier's own node.
    newest = max(proof.headers[-1].number for proof in of_chain if proof.genesis == chain.genesis)
    message = (
        "None of the state proofs leads to a block that the trust file pins. The newest leads to block "
        f"{newest}: pin it, as a node of your own has it (corridor trust pin --block {newest})."
    )
    return not_checked(NAME, "no-pinned-block", message)


def _trusted(view: ChainView, chain: ChainTrust) -> tuple[ChainView | None, Check | None]:
    if (view.chain_id, view.genesis) != (chain.id, chain.genesis):
        message = (
            f"The chain asked begins with block {view.genesis.hex()[:16]}…, and the trusted one does not."
        )
        return None, failed(NAME, "other-chain", message)
    for block in sorted(chain.pinned, key=lambda one: one.number)[-1:]:
        # The newest one is enough: it commits to all before it.
        view.check_pinned(block.number, block.hash)
    for contract, trusted in ((Contract.REGISTRY, chain.registry), (Contract.ANCHOR, chain.anchor)):
        if view.code_hash(contract) != trusted.code_hash:
            message = f"The {contract.value} contract on the chain has other code than the trust file names."
            return None, failed(NAME, "other-code", message)
    return view, None


def check_anchor(
    dossier: Dossier, trust: Trust, log: Log, history: History, view: ChainView
) -> tuple[Check, Anchors]:
    """Return the check, and the anchors that were found on the chain.

    Args:
        dossier: What was parsed.
        trust: The trust file.
        log: The trusted log.
        history: The proven history.
        view: The trusted chain.
    """
    findings = Findings(NAME)
    origin_hash = log.genesis.origin_hash
    try:
        closure = view.closure(origin_hash)
    except UnavailableError as error:
        findings.skip("not-proven", f"Whether the log was closed is not known: {error.message}.")
        return findings.conclude(""), NO_ANCHORS
    except CorridorError as error:
        findings.fail(error.code, f"The record of the log's closing cannot be read: {error.message}.")
        return findings.conclude(""), NO_ANCHORS
    proven = []
    for anchor in dossier.anchors:
        try:
            _check_one(anchor, origin_hash, history, closure, view)
        except UnavailableError as error:
            findings.skip("not-proven", f"The anchor of size {anchor.size} is not shown: {error.message}.")
        except CorridorError as error:
            findings.fail(error.code, f"The anchor of size {anchor.size} is not good: {error.message}.")
        else:
            proven.append(anchor)
    if not any(anchor.size == history.target.size for anchor in dossier.anchors):
        findings.miss("target-not-anchored", "The target checkpoint was not anchored on the trusted chain.")
    whose = (
        "which the log's operator runs"
        if trust.chain.control == "operator"
        else "independent of the operator"
    )
    anchors = Anchors(proven)
    target = anchors.of_size(history.target.size)
    block = "" if target is None else f" in block {target.block_number}"
    message = f"The target is anchored{block} of chain {trust.chain.id}, {whose}."
    return findings.conclude(message), anchors


def _check_one(
    anchor: AnchorOpening, origin_hash: bytes, history: History, closure: Closure, view: ChainView
) -> None:
    checkpoint = history.by_size.get(anchor.size)
    if checkpoint is None:
        raise VerificationError("anchor-without-checkpoint", "the dossier proves no checkpoint of that size")
    if closure.closed_at and anchor.size > closure.last_good_size:
        message = f"the log was closed and is not believed above size {closure.last_good_size}"
        raise VerificationError("log-closed", message)
    record = view.anchor_record(origin_hash, anchor.size)
    if record is None:
        raise VerificationError("not-anchored", "the chain has no record of it")
    if record != anchor_record(checkpoint.root, anchor.block_number, anchor.block_time):
        raise VerificationError("anchor-mismatch", "the chain's record is of another root, block or time")
