"""Registering statements: first the policy, then membership, then plausibility, then the log."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from ledger.catalogue import entitlement, keeping
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.facts import CUSTODY
from ledger.catalogue.findings import Finding
from ledger.catalogue.plausibility import Plausibility
from ledger.catalogue.strangers import IsEnrolled, anybody
from ledger.corridors.profile import Profile
from ledger.domain.clock import Clock
from ledger.domain.errors import ConflictError, MalformedError, NotFoundError, PolicyError
from ledger.domain.statement import Statement
from ledger.log.append import OPENINGS, Appended, Submission
from ledger.log.policy import DEFAULT_FUTURE_SECONDS, RegistrationPolicy
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore

_LOCKS = 64
_BESIDE_THE_LOG = keeping.KINDS | entitlement.KINDS


@dataclass(frozen=True, slots=True)
class Registered:
    """Where a statement stands; it is durable.

    Args:
        id: Statement id, 32 bytes.
        index: Index of its entry in the log.
        duplicate: Whether it was there before.
        warnings: What speaks against it and did not hinder it; of a duplicate none.
    """

    id: bytes
    index: int
    duplicate: bool
    warnings: tuple[Finding, ...] = ()


class Registrar:
    """The one way by which statements come into the log of a service; safe between threads.

    Args:
        policy: Who may say what.
        sequencer: Appends to the log.
        store: The log.
        catalogue: Knows the members, and what was said before.
        profile: The corridor's rules.
        clock: The log's clock.
        future_seconds: How far ahead of it a signer's clock may be.
        is_enrolled: Tells whether an organisation takes part now.
    """

    def __init__(  # noqa: PLR0917 - each is one part of the service
        self,
        policy: RegistrationPolicy,
        sequencer: Sequencer,
        store: LogStore,
        catalogue: Catalogue,
        profile: Profile,
        clock: Clock,
        *,
        future_seconds: int = DEFAULT_FUTURE_SECONDS,
        is_enrolled: IsEnrolled = anybody,
    ) -> None:
        self._policy = policy
        self._sequencer = sequencer
        self._store = store
        self._catalogue = catalogue
        self._plausibility = Plausibility(
            catalogue, profile, clock, future_seconds=future_seconds, is_enrolled=is_enrolled
        )
        self._categories = frozenset(profile.categories)
        self._clock = clock
        self._locks = [Lock() for _ in range(_LOCKS)]

    def register(self, raw: bytes, disclosures: Sequence[str] = (), *, lenient: bool = False) -> Registered:
        """Register a statement; when this returns, it is durable.

        What was registered before is a duplicate, whoever has lost which right since: the sender may only
        have missed the first answer.

        Args:
            raw: The statement as received.
            disclosures: The texts that came with it.
            lenient: Whether to put on record what contradicts the line of custody, with warnings.

        Raises:
            MalformedError: The statement, a disclosure, or a member of the body with a fixed meaning is not
                in the format; the field is its path, such as `body.seals_found.0.number`.
            PolicyError: As `RegistrationPolicy.check` and `LogStore.append`; `not-a-member` when its signer
                is no member of a stream that it names, or nobody has opened it; `restricted-stream-alone`
                when it names a restricted stream beside others; findings against a rule of the corridor.
            ConflictError: Findings against what is on record, unless `lenient`; `legal-hold` in any case.
            VerificationError: The signature does not hold.
            UnavailableError: The log or the directory cannot say or write now.
        """
        return self.submit(raw, disclosures, lenient=lenient).result()

    def submit(
        self, raw: bytes, disclosures: Sequence[str] = (), *, lenient: bool = False
    ) -> "Future[Registered]":
        """Check a statement now, and return a future that is done when it is durable; see `register`."""
        try:
            return self._submit(raw, disclosures, lenient)
        except (ConflictError, MalformedError, PolicyError) as refusal:
            known: Future[Registered] = Future()
            known.set_result(self._known(raw, refusal))
            return known

    def known(self, raw: bytes) -> Registered | None:
        """Return where a statement stands that is on record already, None when it is not.

        Args:
            raw: The statement as received; its signature is checked, for what its key did before is told to
                whoever holds that key.

        Raises:
            As `RegistrationPolicy.signed`.
        """
        statement = self._policy.signed(raw)
        try:
            there = self._store.statement(statement.id)
        except NotFoundError:
            return None
        return Registered(there.id, there.index, duplicate=True)

    def _submit(self, raw: bytes, disclosures: Sequence[str], lenient: bool) -> "Future[Registered]":
        # (1) It is a statement of somebody who may say it, and signed.
        submission = self._policy.check(raw, disclosures)
        statement = submission.statement
        # (2) Its signer is a member of every stream that it names.
        if statement.kind not in OPENINGS:
            self._check_membership(statement)
        # (3) What it says is well-formed and likely.
        body = statement.reveal(disclosures)
        warnings = self._plausibility.of_itself(statement, body, lenient=lenient)
        tells_of_custody = self._plausibility.asks_for_more(statement, body)
        if not tells_of_custody and statement.kind not in _BESIDE_THE_LOG:
            return self._append(submission, warnings)
        # (4) It does not contradict what was said before, nor what is being said at this moment.
        # Of several answers to one request one is the first.
        with self._alone([*statement.subjects, *(one.id.hex() for one in statement.references)]):
            if tells_of_custody:
                warnings += self._plausibility.beside_others(statement, body, lenient=lenient)
            warnings += self._beside_the_log(statement, body)
            appended = self._append(submission, warnings)
            appended.exception()
            return appended

    def _beside_the_log(self, statement: Statement, body: Mapping[str, Any]) -> list[Finding]:
        """Return what is to be told of what is said of sharing and keeping; refuse what may not be said."""
        if statement.kind in keeping.KINDS:
            said = keeping.said_by(statement, body)
            with self._catalogue.snapshot() as connection:
                return keeping.check(connection, statement, said)
        if statement.kind in entitlement.KINDS:
            with self._catalogue.snapshot() as connection:
                entitlement.check(connection, statement, body, now=self._clock(), categories=self._categories)
        return []

    def _check_membership(self, statement: Statement) -> None:
        for place, tag in enumerate(statement.streams):
            if not self._catalogue.is_member(tag, statement.iss):
                raise PolicyError(
                    "not-a-member",
                    f"{statement.iss} is not a member of stream {tag.hex()}, or nobody has opened it: ask a "
                    "member for a grant, or for its secret and join, and send this again",
                    field=f"streams.{place}",
                )
        if len(statement.streams) > 1:
            self._refuse_restricted_beside_others(statement)

    def _refuse_restricted_beside_others(self, statement: Statement) -> None:
        """Refuse what would show the readers of one stream the tag of a restricted one."""
        for place, tag in enumerate(statement.streams):
            name = self._catalogue.stream(tag, statement.iss).name
            if name != CUSTODY:
                raise PolicyError(
                    "restricted-stream-alone",
                    f'stream {tag.hex()} ("{name}") is restricted: a statement in it names no other stream; '
                    "sign one statement for each",
                    field=f"streams.{place}",
                )

    def _append(self, submission: Submission, warnings: Sequence[Finding]) -> "Future[Registered]":
        done: Future[Registered] = Future()

        def settle(appending: "Future[Appended]") -> None:
            failure = appending.exception()
            if failure is not None:
                done.set_exception(failure)
                return
            appended = appending.result()
            self._note(submission.statement, appended)
            told = () if appended.duplicate else tuple(warnings)
            done.set_result(Registered(appended.id, appended.index, appended.duplicate, told))

        self._sequencer.submit(submission).add_done_callback(settle)
        return done

    def _note(self, statement: Statement, appended: Appended) -> None:
        # The log has just shown that nobody opened the stream before: no need to ask the tables.
        if statement.kind in OPENINGS and not appended.duplicate:
            self._catalogue.remember(statement.streams[0], statement.iss)

    def _known(self, raw: bytes, refusal: ConflictError | MalformedError | PolicyError) -> Registered:
        try:
            there = self._store.statement(Statement.parse(raw).id)
        except (MalformedError, NotFoundError):
            raise refusal from None
        return Registered(there.id, there.index, duplicate=True)

    @contextmanager
    def _alone(self, names: Sequence[str]) -> Iterator[None]:
        """Let nobody else of this process judge and append what is about the same subjects or statements."""
        places = sorted({hash(name) % _LOCKS for name in names})
        with ExitStack() as stack:
            for place in places:
                stack.enter_context(self._locks[place])
            yield
