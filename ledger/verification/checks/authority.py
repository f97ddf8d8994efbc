"""Check `authority`: when a statement was registered, its key was good and its organisation entitled.

Block numbers of one chain are compared, never two clocks: the registry's intervals with the block of A(i),
the first anchor given that covers the statement.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ledger.domain.errors import CorridorError, UnavailableError
from ledger.domain.evm_layout import Interval, organisation_id, role_id
from ledger.domain.verdict import Check
from ledger.verification.chain_view import ChainView
from ledger.verification.checks.findings import Findings, count
from ledger.verification.facts import Anchors, Log, Said

NAME = "authority"
_T = TypeVar("_T")


def check_authority(log: Log, said: Sequence[Said], anchors: Anchors, view: ChainView) -> Check:
    """Return the check.

    Args:
        log: The trusted log with its corridor's rules.
        said: The statements.
        anchors: The proven anchors.
        view: The trusted chain.
    """
    findings = Findings(NAME)
    blocks = [(one, anchors.covering(one.index)) for one in said]
    registry = _Registry(view, max((a.block_number for _, a in blocks if a is not None), default=0))
    for one, anchor in blocks:
        if anchor is None:
            message = f"No proven anchor covers {one.shown}: no block says when it was registered."
            findings.skip("no-anchor", message)
            continue
        try:
            _check_one(one, anchor.block_number, log, registry, findings)
        except UnavailableError as error:
            message = f"What the registry said of the signer of {one.shown} is not shown: {error.message}."
            findings.skip("not-proven", message)
        except CorridorError as error:
            findings.fail(error.code, f"The registry record for {one.shown} cannot be read: {error.message}.")
    message = f"All signers of {count(len(said), 'statement')} were entitled when these were registered."
    return findings.conclude(message)


class _Registry:
    """The registry's records, each read once, from the state of the newest block that matters.

    A later state tells of an earlier block as well as that block's own, for intervals only get ends. Where it
    is not shown, that of the block itself will do.
    """

    def __init__(self, view: ChainView, newest: int) -> None:
        self._view = view
        self._newest = newest
        self._known: dict[tuple[object, ...], object] = {}

    def key(self, thumbprint: bytes, block: int) -> tuple[bytes, Interval, int] | None:
        """Return organisation, interval and suspicion of a key."""
        record = self._read(self._view.key_record, block, thumbprint)
        return None if record is None else (record.organisation, record.interval, record.suspect_since)

    def organisation(self, organisation: bytes, block: int) -> Interval | None:
        """Return when an organisation was a participant."""
        record = self._read(self._view.organisation, block, organisation)
        return None if record is None else record.interval

    def roles(self, organisation: bytes, role: bytes, block: int) -> tuple[Interval, ...]:
        """Return when an organisation had a role."""
        return self._read(self._view.role_intervals, block, organisation, role)

    def _read(self, ask: Callable[..., _T], block: int, *arguments: bytes) -> _T:
        question: tuple[object, ...] = (ask.__name__, *arguments)
        if question not in self._known:
            try:
                self._known[question] = ask(*arguments, at=self._newest)
            except UnavailableError:
                question = (*question, block)
                if question not in self._known:
                    self._known[question] = ask(*arguments, at=block)
        return self._known[question]  # type: ignore[return-value]


def _check_one(one: Said, block: int, log: Log, registry: _Registry, findings: Findings) -> None:
    statement = one.statement
    organisation = organisation_id(statement.iss)
    key = registry.key(statement.kid, block)
    if key is None:
        findings.fail("key-unknown", f"The registry does not know the key that signed {one.shown}.")
        return
    owner, good, suspect_since = key
    if owner != organisation:
        findings.fail("key-of-another", f"The key that signed {one.shown} belongs to another organisation.")
        return
    if not good.contains(block):
        message = f"The key of {one.shown} was {_when(good, block)} when it was registered (block {block})."
        findings.fail("key-not-good", message)
        return
    enrolled = registry.organisation(organisation, block)
    if enrolled is None or not enrolled.contains(block):
        message = f"{statement.iss} was no participant when {one.shown} was registered (block {block})."
        findings.fail("organisation-not-good", message)
        return
    if not _has_role(one, organisation, block, log, registry):
        message = (
            f"{statement.iss} had no role that may say {one.shown} when it was registered (block {block})."
        )
        findings.fail("role", message)
        return
    if suspect_since and block >= suspect_since:
        message = (
            f"The key of {one.shown} may have been in other hands since block {suspect_since}: "
            f"ask {statement.iss} whether it said this."
        )
        findings.miss("key-suspect", message)


def _has_role(one: Said, organisation: bytes, block: int, log: Log, registry: _Registry) -> bool:
    unknown: UnavailableError | None = None
    for role in sorted(log.profile.roles_for(one.statement.kind)):
        try:
            intervals = registry.roles(organisation, role_id(role), block)
        except UnavailableError as error:
            # Proof of one role is enough; a dossier need not show the others.
            unknown = error
        else:
            if any(interval.contains(block) for interval in intervals):
                return True
    if unknown is not None:
        raise unknown
    return False


def _when(interval: Interval, block: int) -> str:
    return "not yet registered" if block < interval.start else "ended"
