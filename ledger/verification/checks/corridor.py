"""The corridor's checks of a dossier: what its rules say of the shipment, as far as it was proven."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ledger.assessment.assess import Assessment, assess, checks_of
from ledger.assessment.case import NOT_KNOWN, Case, Registered, roles_to_say
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules
from ledger.domain import custody
from ledger.domain.errors import UnavailableError, VerificationError
from ledger.domain.evm_layout import organisation_id, role_id
from ledger.domain.subject import Subject
from ledger.domain.verdict import Check
from ledger.verification.chain_view import ChainView
from ledger.verification.checks.findings import not_checked
from ledger.verification.checks.timeliness import by_index, registered_by
from ledger.verification.container import Container
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Anchors, History, Log, Said
from ledger.verification.opened import opened_readings
from ledger.verification.sealed import Identity
from ledger.verification.trust import Trust

_OF_SHIPMENTS = ("consignment", "trip")


@dataclass(frozen=True, slots=True)
class Reader:
    """What whoever verifies brings along.

    Args:
        identities: age identities, to open with what readers found in evidence.
        screening: Names that a screening list has; None without a list.
    """

    identities: Sequence[Identity] = ()
    screening: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """What the checks before proved of a dossier.

    Args:
        log: The trusted log with its corridor's rules.
        said: The statements, all signed as they say.
        history: The proven history, None where inclusion failed.
        anchors: The proven anchors.
        view: The trusted chain, None where nothing of it is believed.
    """

    log: Log
    said: Sequence[Said]
    history: History | None
    anchors: Anchors
    view: ChainView | None


def assess_dossier(
    dossier: Dossier, container: Container, trust: Trust, proven: Proven, reader: Reader
) -> tuple[Case, Assessment]:
    """Return the case of a dossier, and what its corridor's rules say of it.

    Args:
        dossier: What was parsed; about a consignment or a trip.
        container: Where the stored bytes lie.
        trust: The trust file; its `times` are the clocks that count.
        proven: What the checks before proved.
        reader: What whoever verifies brings along.
    """
    profile = proven.log.profile
    first = {one.statement.id: one for one in reversed(proven.said)}
    # The order in which they lie in the file is that of the log.
    said = [custody.Said(one.index, one.statement, one.body) for one in reversed(first.values())]
    case = Case(
        dossier.header.shipment,
        said,
        profile,
        registered=_registered(dossier, trust, proven),
        opened=opened_readings(dossier, container, list(reversed(first.values())), reader.identities),
        screened=reader.screening,
        roles_of=None if proven.view is None else _roles_of(profile, said, proven.anchors, proven.view),
    )
    return case, assess(case)


def names_of(profile: Profile) -> tuple[str, ...]:
    """Return the names of the checks that a profile asks for, in the order of verdicts."""
    return tuple(check.name for check in checks_of(profile))


def objection(dossier: Dossier, signatures_hold: bool) -> tuple[str, str] | None:
    """Return why a corridor's rules can say nothing of a dossier, reason and message; None if they can."""
    if not signatures_hold:
        return "needs-signature", "This builds on the check signature, which did not pass."
    if Subject.parse(dossier.header.shipment).type not in _OF_SHIPMENTS:
        message = "The rules of corridors are about consignments and container trips, and this is neither."
        return "not-a-shipment", message
    return None


def not_asked(name: str) -> Check:
    """Return a check that the trust file requires and the trusted corridor's rules do not ask for."""
    message = "The rules of this corridor ask for no such check; take it out of what the trust file requires."
    return not_checked(name, "not-asked-for", message)


def _registered(dossier: Dossier, trust: Trust, proven: Proven) -> Registered:
    """Return by when statements were registered, by accepted clocks; without any, by the chain's own."""
    rules = proven.log.profile.rules or CorridorRules()
    if proven.history is not None:
        agreed = trust.model_copy(update={"times": tuple(one for one in trust.times if one in rules.times)})
        times = registered_by(dossier, agreed, proven.history, proven.anchors)
        if times:
            return Registered(by_index(times), accepted=True)
    own = {anchor.size: anchor.block_time for anchor in proven.anchors.proven}
    return Registered(by_index(own), accepted=False) if own else NOT_KNOWN


def _roles_of(
    profile: Profile, said: Sequence[custody.Said], anchors: Anchors, view: ChainView
) -> Callable[[str], frozenset[str]] | None:
    """Return what tells the roles that an organisation has or had, of those that let it say what it said.

    Where one of them is not shown, nothing is said of roles: who seems to lack one may have it.
    """
    newest = max((anchor.block_number for anchor in anchors.proven), default=0)
    try:
        roles = {
            iss: frozenset(role for role in asked if _has_or_had(view, iss, role, newest))
            for iss, asked in roles_to_say(said, profile).items()
        }
    except UnavailableError:
        return None
    return lambda iss: roles.get(iss, frozenset())


def _has_or_had(view: ChainView, iss: str, role: str, newest: int) -> bool:
    try:
        return bool(view.role_intervals(organisation_id(iss), role_id(role), at=newest))
    except VerificationError:
        # The check `authority` says what is no record.
        return False
