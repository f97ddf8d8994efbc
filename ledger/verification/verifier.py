"""The verifier: a dossier and a trust file in, a verdict out; nothing of the dossier is taken on trust.

The plan, whose numbers stand again at the code:

 (1) Read the container: every byte has its place. What is not a dossier raises, and gets no verdict.
 (2) `readable`: it is of the trusted log, under the trusted corridor rules, about the shipment asked for.
 (3) `signature`: parse every statement, find its key by thumbprint, check signature and disclosures.
 (4) `inclusion`: open the target with the pinned log keys, prove every earlier checkpoint to be its
     beginning, make each log entry anew from the statement's own bytes and prove that one included.
 (5) `completeness`: prove the map to be the target's last leaf, make each stream's value anew from the
     statements and compare it with the map's; see that its subject commits to each stream.
 (6) `anchor`: believe the verifier's node, or state proofs that lead to a pinned block; make each anchor
     record anew from root, block and time and compare it with the chain's.
 (7) `authority`: ask the registry on that chain whether key, organisation and role were good at the block of
     the first anchor that covers the statement.
 (8) `no-split-view`: see that others see this history, and that no signer saw another.
 (9) `time`: by when was each statement registered, by accepted clocks; does its own time fit.
(10) `freshness`: is the target the newest anchor, or young enough.
(11) `evidence`: are the bytes there, and the ones that the statements commit to.
(12) `custody`: who held the shipment when, by the rules of hand-over.
(13) `passages`: do the records of each gate passage belong together, do the clips go on from one another.
(14) The corridor's checks, where its rules ask something of shipments: required evidence, timeliness, papers
     against each other, and so on (see `ledger.assessment`).
(15) Draw the outcome: what the trust file requires must have passed, and nothing may have failed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ledger.assessment.assess import Assessment
from ledger.assessment.case import Case
from ledger.domain.clock import Clock
from ledger.domain.errors import MalformedError
from ledger.domain.verdict import CHECKS, CORRIDOR_CHECKS, Check, Status, Verdict
from ledger.verification.chain_view import ChainView
from ledger.verification.checks.anchor import NO_ANCHORS, check_anchor, find_view
from ledger.verification.checks.authority import check_authority
from ledger.verification.checks.completeness import check_completeness
from ledger.verification.checks.corridor import (
    Proven,
    Reader,
    assess_dossier,
    names_of,
    not_asked,
    objection,
)
from ledger.verification.checks.custody import check_custody
from ledger.verification.checks.evidence import check_evidence
from ledger.verification.checks.findings import not_checked
from ledger.verification.checks.freshness import check_freshness
from ledger.verification.checks.inclusion import check_inclusion
from ledger.verification.checks.no_split_view import check_no_split_view
from ledger.verification.checks.passages import check_passages
from ledger.verification.checks.readable import check_readable
from ledger.verification.checks.signature import check_signature
from ledger.verification.checks.timeliness import check_time
from ledger.verification.container import Container, Source, open_container
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Anchors, History, Log, Said
from ledger.verification.manifest import DOSSIER, RECEIPT
from ledger.verification.sealed import Identity
from ledger.verification.trust import Trust

_OF_DOSSIERS = ("completeness", "freshness", "evidence", "custody", "passages")
CHECKS_OF_RECEIPT = tuple(name for name in CHECKS if name not in _OF_DOSSIERS)
"""What a receipt file can show: one statement says nothing of a whole stream, and does not age."""


class NotADossierError(MalformedError):
    """The file cannot be read as a dossier, or not as a receipt file where one is asked for."""


@dataclass(frozen=True, slots=True)
class Examination:
    """A verdict, and what the rules of the corridor were held against.

    Args:
        verdict: The verdict.
        log: The trusted log, None where the dossier is of another.
        case: The shipment as it was proven, None where nothing could be said of it.
        assessment: What the corridor's rules say of it, None as above, and where there are no such rules.
    """

    verdict: Verdict
    log: Log | None
    case: Case | None
    assessment: Assessment | None


def verify(
    source: Source,
    trust: Trust,
    *,
    clock: Clock,
    chain_view: ChainView | None = None,
    expected_shipment: str | None = None,
    identities: Sequence[Identity] = (),
    replayed_map_root: bytes | None = None,
    screening: Collection[str] | None = None,
) -> Verdict:
    """Verify a dossier; arguments and errors as of `examine`."""
    return examine(
        source,
        trust,
        clock=clock,
        chain_view=chain_view,
        expected_shipment=expected_shipment,
        identities=identities,
        replayed_map_root=replayed_map_root,
        screening=screening,
    ).verdict


def examine(
    source: Source,
    trust: Trust,
    *,
    clock: Clock,
    chain_view: ChainView | None = None,
    expected_shipment: str | None = None,
    identities: Sequence[Identity] = (),
    replayed_map_root: bytes | None = None,
    screening: Collection[str] | None = None,
) -> Examination:
    """Verify a dossier, and return beside the verdict what the corridor's rules were held against.

    Args:
        source: Bytes of the dossier, or the path of the file.
        trust: What the verifier takes for granted.
        clock: The verifier's clock.
        chain_view: The chain as a node of the verifier's own shows it; None for the dossier's state proofs.
        expected_shipment: URI of the subject that the dossier must be about, None if any will do.
        identities: age identities of the reader, to open evidence with.
        replayed_map_root: Root of the map over the target's entries but the last, 32 bytes, if the verifier
            replayed the log itself.
        screening: Names that a screening list of the verifier's has; None without a list.

    Raises:
        NotADossierError: It cannot be read as a dossier; the message says why.
        OSError: The file cannot be read.
    """
    container, dossier = _read(source, DOSSIER)  # (1)
    run = _Run(dossier, trust, chain_view)
    readable, log = check_readable(dossier, trust, expected_shipment)  # (2)
    run.note(readable)
    if log is not None:
        run.common(log)
        if run.history is not None:
            run.note(check_completeness(dossier, run.said, run.history, replayed_map_root))  # (5)
            fresh = check_freshness(trust, log, run.history, run.anchors, view=run.view, now=clock())  # (10)
            run.note(fresh)
        run.note(check_evidence(dossier, container, run.said, identities))  # (11)
        run.note(check_custody(dossier, log, run.said, run.passed("signature")))  # (12)
        run.note(check_passages(dossier, log, run.said, run.passed("signature")))  # (13)
        run.corridor(log, container, Reader(identities, screening))  # (14)
    required = [name for name in CORRIDOR_CHECKS if name in trust.required]
    asked = () if log is None else names_of(log.profile)
    verdict = run.verdict(tuple(dict.fromkeys((*CHECKS, *asked, *required))))  # (15)
    return Examination(verdict, log, run.case, run.assessment)


def verify_receipt(source: Source, trust: Trust, *, chain_view: ChainView | None = None) -> Verdict:
    """Verify a receipt file: that one statement is registered, by when, and by whom it may be said.

    The checks are those of `CHECKS_OF_RECEIPT`; others that the trust file requires are not asked for.

    Args:
        source: Bytes of the receipt file, or its path.
        trust: What the verifier takes for granted.
        chain_view: As for `verify`.

    Raises:
        NotADossierError: It cannot be read as a receipt file; the message says why.
        OSError: The file cannot be read.
    """
    _, dossier = _read(source, RECEIPT)  # (1)
    run = _Run(dossier, trust, chain_view)
    readable, log = check_readable(dossier, trust, None)  # (2)
    run.note(readable)
    if log is not None:
        run.common(log)
    return run.verdict(CHECKS_OF_RECEIPT)  # (15)


def _read(source: Source, kind: str) -> tuple[Container, Dossier]:
    try:
        container = open_container(source)
        found = container.manifest.header.kind
        if found != kind:
            raise MalformedError("wrong-kind", f"this is a {found} file, and a {kind} was asked for")
        return container, Dossier.parse(container)
    except MalformedError as error:
        raise NotADossierError(error.code, error.message, field=error.field) from None


class _Run:
    """One verification: what was proven so far, and the checks so far."""

    def __init__(self, dossier: Dossier, trust: Trust, given: ChainView | None) -> None:
        self.said: tuple[Said, ...] = ()
        self.history: History | None = None
        self.anchors: Anchors = NO_ANCHORS
        self.view: ChainView | None = None
        self.case: Case | None = None
        self.assessment: Assessment | None = None
        self._dossier = dossier
        self._trust = trust
        self._given = given
        self._checks: dict[str, Check] = {}

    def note(self, check: Check) -> None:
        self._checks[check.name] = check

    def passed(self, name: str) -> bool:
        return name in self._checks and self._checks[name].status is Status.PASSED

    def common(self, log: Log) -> None:
        """Make the checks that dossiers and receipt files share."""
        dossier, trust = self._dossier, self._trust
        signature, self.said = check_signature(dossier, log)  # (3)
        self.note(signature)
        inclusion, self.history = check_inclusion(dossier, trust, self.said)  # (4)
        self.note(inclusion)
        if self.history is None:
            return
        self.view, trouble = find_view(dossier.state_proofs, trust.chain, self._given)  # (6)
        if self.view is not None:
            trouble, self.anchors = check_anchor(dossier, trust, log, self.history, self.view)
            self.note(check_authority(log, self.said, self.anchors, self.view))  # (7)
        if trouble is not None:
            self.note(trouble)
        self.note(check_no_split_view(trust, log, self.said, self.history, self.anchors))  # (8)
        self.note(check_time(dossier, trust, self.said, self.history, self.anchors))  # (9)

    def corridor(self, log: Log, container: Container, reader: Reader) -> None:
        """Make the checks that the corridor's rules ask for, and note those that only the trust file does."""
        names = names_of(log.profile)
        for name in CORRIDOR_CHECKS:
            if name in self._trust.required and name not in names:
                self.note(not_asked(name))
        trouble = objection(self._dossier, self.passed("signature"))
        if trouble is not None:
            for name in names:
                self.note(not_checked(name, *trouble))
        elif log.profile.rules is not None:
            proven = Proven(log, self.said, self.history, self.anchors, self.view)
            found = assess_dossier(self._dossier, container, self._trust, proven, reader)
            self.case, self.assessment = found
            for check in self.assessment.checks:
                self.note(check)

    def verdict(self, names: Sequence[str]) -> Verdict:
        """Return the verdict; a check that could not even begin is `not-checked`."""
        for name in names:
            if name not in self._checks:
                self.note(not_checked(name, *_why_not_begun(self._checks)))
        required = [name for name in self._trust.required if name in names]
        return Verdict.of(self._dossier.header.shipment, list(self._checks.values()), required)


def _why_not_begun(checks: dict[str, Check]) -> tuple[str, str]:
    for earlier in ("readable", "inclusion", "anchor"):
        check = checks.get(earlier)
        if check is not None and check.status is not Status.PASSED:
            return f"needs-{earlier}", f"This builds on the check {earlier}, which did not pass."
    return "no-chain", "There was no chain to ask."
