"""Check `authority`: when a statement was registered, its key was good and its organisation entitled.

Block numbers of one chain are compared, never two clocks: the registry's intervals with the block of A(i),
the first anchor given that covers the statement.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from ledger.corridors.profile import Profile
from ledger.domain import key_use
from ledger.domain.errors import CorridorError, UnavailableError
from ledger.domain.evm_layout import KeyRecord, organisation_id, role_id
from ledger.domain.statement import Statement
from ledger.domain.verdict import Check
from ledger.verification.chain_view import ChainView
from ledger.verification.checks.findings import Findings, count
from ledger.verification.facts import Anchors, Log, Said

NAME = "authority"
_T = TypeVar("_T")
_role_id = cache(role_id)


class _Objection(NamedTuple):
    """Why a signer was not entitled; with `key-suspect`, why somebody has to be asked."""

    reason: str
    message: str


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
    judged: dict[tuple[object, ...], _Objection | None] = {}
    for one, anchor in blocks:
        if anchor is None:
            message = f"No proven anchor covers {one.shown}: no block says when it was registered."
            findings.skip("no-anchor", message)
            continue
        statement, block = one.statement, anchor.block_number
        case = (statement.kid, statement.iss, statement.kind, block)
        try:
            if case not in judged:
                judged[case] = _objection(statement, log.profile, block, registry)
        except UnavailableError as error:
            message = f"What the registry said of the signer of {one.shown} is not shown: {error.message}."
            findings.skip("not-proven", message)
            continue
        except CorridorError as error:
            findings.fail(error.code, f"The registry record for {one.shown} cannot be read: {error.message}.")
            continue
        objection = judged[case]
        if objection is not None:
            note = findings.miss if objection.reason == "key-suspect" else findings.fail
            note(objection.reason, f"{one.shown}, registered in block {block}: {objection.message}.")
    message = f"All signers of {count(len(said), 'statement')} were entitled when these were registered."
    return findings.conclude(message)


def _objection(
    statement: Statement, profile: Profile, block: int, registry: "_Registry"
) -> _Objection | None:
    """Return why the signer was not entitled at a block, None when it was."""
    organisation = organisation_id(statement.iss)
    key = registry.read(registry.view.key_record, block, statement.kid)
    if key is None:
        return _Objection("key-unknown", "the registry does not know its key")
    if key.organisation != organisation:
        return _Objection("key-of-another", "its key belongs to another organisation")
    if not key.interval.contains(block):
        when = "not registered yet" if block < key.interval.start else f"ended in block {key.interval.ended}"
        return _Objection("key-not-good", f"its key was {when}")
    wrong_use = key_use.objection(key.use, statement.kind, profile.devices)
    if wrong_use is not None:
        return _Objection("key-use", wrong_use)
    roles = profile.roles_for(statement.kind)
    return _organisation_objection(statement, roles, block, registry) or _suspicion(statement, key, block)


def _organisation_objection(
    statement: Statement, roles: frozenset[str], block: int, registry: "_Registry"
) -> _Objection | None:
    organisation = organisation_id(statement.iss)
    enrolled = registry.read(registry.view.organisation, block, organisation)
    if enrolled is None or not enrolled.interval.contains(block):
        return _Objection("organisation-not-good", f"{statement.iss} was no participant then")
    if not registry.had_role(organisation, roles, block):
        return _Objection("role", f"{statement.iss} had no role that may say such a thing")
    return None


def _suspicion(statement: Statement, key: KeyRecord, block: int) -> _Objection | None:
    if key.suspect_since and block >= key.suspect_since:
        message = f"its key may have been in other hands since block {key.suspect_since}; ask {statement.iss}"
        return _Objection("key-suspect", message)
    return None


class _Registry:
    """The registry's records, each read once, from the state of the newest block that matters.

    A later state tells of an earlier block as well as that block's own, for intervals only get ends. Where it
    is not shown, that of the block itself will do.
    """

    def __init__(self, view: ChainView, newest: int) -> None:
        self.view = view
        self._newest = newest
        self._answers: dict[tuple[object, ...], object] = {}

    def read(self, ask: Callable[..., _T], block: int, *arguments: bytes) -> _T:
        """Return what the view answers to a question about a block.

        Raises:
            UnavailableError: No state that would tell is shown.
        """
        question = (ask.__name__, *arguments)
        if question not in self._answers:
            try:
                self._answers[question] = ask(*arguments, at=self._newest)
            except UnavailableError:
                return ask(*arguments, at=block)
        return self._answers[question]  # type: ignore[return-value]

    def had_role(self, organisation: bytes, roles: frozenset[str], block: int) -> bool:
        """Return whether an organisation had one of the roles at a block.

        Raises:
            UnavailableError: None that is shown, and not all are.
        """
        missing: UnavailableError | None = None
        for role in map(_role_id, sorted(roles)):
            try:
                intervals = self.read(self.view.role_intervals, block, organisation, role)
            except UnavailableError as error:
                # One role is enough; a dossier need not show the others.
                missing = error
            else:
                if any(interval.contains(block) for interval in intervals):
                    return True
        if missing is not None:
            raise missing
        return False
