"""Applications to take part: anybody may send one, so that their number and their pace are bounded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, func, select, update

from ledger.chain.registry_events import RegistryState
from ledger.corridors.profile import Profile
from ledger.domain import fields
from ledger.domain.clock import Clock
from ledger.domain.enrolment import Application
from ledger.domain.errors import ConflictError, MalformedError, NotFoundError, PolicyError, UnavailableError
from ledger.domain.evm_layout import organisation_id
from ledger.enrolment.alike import same_place
from ledger.enrolment.progress import Enrolment, Refusal, State, progress_of
from ledger.storage.engine import hold, read_transaction, write_transaction
from ledger.storage.enrolment_tables import enrolments

_PENDING, _REFUSED = "pending", "refused"
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Limits:
    """How much strangers may leave here.

    Args:
        waiting: Applications that nobody has decided yet.
        per_hour: New applications within an hour.
        keep_seconds: After this time an application that nobody acted on is forgotten.
        future_seconds: How far ahead a signer's clock may be.
    """

    waiting: int = 200
    per_hour: int = 60
    keep_seconds: int = 30 * 86_400
    future_seconds: int = 300


@dataclass(frozen=True, slots=True)
class Received:
    """The acknowledgement of an application: it is durable.

    Args:
        enrolment: How far it is.
        duplicate: Whether it was there before.
    """

    enrolment: Enrolment
    duplicate: bool


class Enrolments:
    """The applications of one service; safe between threads and processes that share the database.

    Args:
        engine: The database.
        registry: Returns the registry as it is now.
        profile: The corridor's rules, which name the roles.
        audience: Audience URI of the log.
        clock: The ledger's clock.
        limits: How much strangers may leave here.
    """

    def __init__(
        self,
        engine: Engine,
        registry: Callable[[], RegistryState],
        profile: Profile,
        audience: str,
        clock: Clock,
        *,
        limits: Limits | None = None,
    ) -> None:
        self._engine = engine
        self._registry = registry
        self._roles = profile.roles
        self._audience = audience
        self._clock = clock
        self._limits = limits or Limits()

    def apply(self, raw: bytes) -> Received:
        """Keep an application; the same one again changes nothing.

        Args:
            raw: As received.

        Raises:
            MalformedError: It is not in the format, or asks for a role that the corridor does not have.
            VerificationError: The key in it did not sign it.
            PolicyError: It is for another log, from the future, or too old.
            ConflictError: The organisation, its key or its admin account are in the registry already, or
                another application of the same URI waits.
            UnavailableError: Too many wait or came within an hour (`too-many`), or the registry or the
                database cannot be asked now.
        """
        # (1) It is one, for this log, of now, for roles that there are, by whoever holds the key in it.
        application = Application.parse(raw)
        now = self._clock()
        self._check(application, now)
        registry = self._registry()
        with write_transaction(self._engine) as connection:
            hold(connection, enrolments)
            # (2) What is here already is answered as it is, whatever became of it.
            known = connection.execute(_by_id(application.id)).first()
            if known is not None:
                return Received(self._read(known, registry), duplicate=True)
            # (3) Nobody is there already, and nobody else waits under this name.
            _check_free(application, registry)
            self._sweep(connection, now)
            waiting = (enrolments.c.uri == application.uri) & (enrolments.c.state == _PENDING)
            if connection.execute(select(enrolments.c.id).where(waiting)).first() is not None:
                raise ConflictError(
                    "enrolment-pending",
                    f"another application of {application.uri} waits; the governors of the corridor decide "
                    "it first, and refuse it if it is not yours",
                    field="iss",
                )
            # (4) There is room.
            self._check_room(connection, registry, now)
            row = {
                "id": application.id,
                "uri": application.uri,
                "application": raw,
                "received_at": now,
                "state": _PENDING,
            }
            connection.execute(enrolments.insert(), row)
        return Received(progress_of(application, now, None, registry, self._roles), duplicate=False)

    def get(self, identifier: bytes) -> Enrolment:
        """Return an application by its id, 32 bytes.

        Raises:
            NotFoundError: There is none, or it was forgotten.
            UnavailableError: The registry or the database cannot be asked now.
        """
        with read_transaction(self._engine) as connection:
            row = connection.execute(_by_id(identifier)).first()
        if row is None:
            raise _unknown()
        return self._read(row, self._registry())

    def list(self, state: State | None, after: tuple[int, bytes] | None, limit: int) -> Sequence[Enrolment]:
        """Return applications, the oldest first.

        Args:
            state: Only those that are so far; all if None.
            after: Time and id of the one that they come after; from the beginning if None.
            limit: How many at most.

        Raises:
            UnavailableError: The registry or the database cannot be asked now.
        """
        registry = self._registry()
        query = select(enrolments).order_by(enrolments.c.received_at, enrolments.c.id)
        if after is not None:
            at, identifier = after
            later = (enrolments.c.received_at == at) & (enrolments.c.id > identifier)
            query = query.where((enrolments.c.received_at > at) | later)
        found: list[Enrolment] = []
        with read_transaction(self._engine) as connection:
            # How far one is, only the registry tells: what is skipped here is bounded by the limits.
            for row in connection.execute(query):
                enrolment = self._read(row, registry)
                if state in (None, enrolment.state):
                    found.append(enrolment)
                if len(found) == limit:
                    break
        return found

    def refuse(self, identifier: bytes, by: str, reason: object) -> Enrolment:
        """Turn an application down; the same again changes nothing.

        Args:
            identifier: Its id, 32 bytes.
            by: URI of the governor's organisation.
            reason: In words, 1 to 500 characters; the applicant is told.

        Raises:
            NotFoundError: There is none, or it was forgotten.
            MalformedError: No reason is given.
            ConflictError: It was refused for another reason, or its organisation is enrolled.
            UnavailableError: The registry or the database cannot be asked now.
        """
        why = fields.text(reason, "reason", longest=MAX_REASON)
        registry, now = self._registry(), self._clock()
        with write_transaction(self._engine) as connection:
            hold(connection, enrolments)
            row = connection.execute(_by_id(identifier)).first()
            if row is None:
                raise _unknown()
            there = self._read(row, registry)
            if there.state is State.ENROLLED:
                raise ConflictError(
                    "organisation-known", f"{row.uri} is enrolled; governance ends an organisation"
                )
            if there.refusal is not None:
                if (there.refusal.by, there.refusal.reason) != (by, why):
                    raise ConflictError("enrolment-refused", "the application was refused before")
                return there
            refused = {"state": _REFUSED, "decided_at": now, "decided_by": by, "reason": why}
            connection.execute(update(enrolments).where(enrolments.c.id == identifier).values(**refused))
            changed = connection.execute(_by_id(identifier)).one()
        return self._read(changed, registry)

    def _check(self, application: Application, now: int) -> None:
        message, limits = application.message, self._limits
        if message.aud != self._audience:
            text = f"the application is for {message.aud}; this log is {self._audience}"
            raise PolicyError("wrong-audience", text, field="aud")
        if message.iat > now + limits.future_seconds:
            text = (
                f"the application was signed {message.iat - now} s ahead of the log's clock; set the "
                "signer's clock right"
            )
            raise PolicyError("issued-in-future", text, field="iat")
        if message.iat < now - limits.keep_seconds:
            days = limits.keep_seconds // 86_400
            text = f"the application was signed over {days} days ago; sign a new one"
            raise PolicyError("too-old", text, field="iat")
        for place, role in enumerate(application.roles):
            if role not in self._roles:
                text = f"the corridor has no role {role!r}; it has {', '.join(sorted(self._roles))}"
                raise MalformedError("unknown-role", text, field=f"roles.{place}")

    def _check_room(self, connection: Connection, registry: RegistryState, now: int) -> None:
        pending = select(enrolments.c.uri).where(enrolments.c.state == _PENDING)
        uris = connection.execute(pending).scalars()
        waiting = sum(organisation_id(uri) not in registry.organisations for uri in uris)
        count = select(func.count()).select_from(enrolments)
        lately = connection.execute(count.where(enrolments.c.received_at > now - 3600)).scalar_one()
        if waiting >= self._limits.waiting or lately >= self._limits.per_hour:
            raise UnavailableError(
                "too-many", "more applications came than the governors can look at; send the same again later"
            )

    def _sweep(self, connection: Connection, now: int) -> None:
        """Forget what is too old: who was enrolled is in the registry, and who was not may apply again."""
        old = enrolments.c.received_at < now - self._limits.keep_seconds
        connection.execute(delete(enrolments).where(old))

    def _read(self, row: Row[Any], registry: RegistryState) -> Enrolment:
        refusal = None
        if row.state == _REFUSED:
            refusal = Refusal(row.decided_at, row.decided_by, row.reason)
        application = Application.parse(row.application)
        return progress_of(application, row.received_at, refusal, registry, self._roles)


def _by_id(identifier: bytes) -> Select[Any]:
    return select(enrolments).where(enrolments.c.id == identifier)


def _check_free(application: Application, registry: RegistryState) -> None:
    known = registry.organisations.get(organisation_id(application.uri))
    if known is not None:
        raise ConflictError(
            "organisation-known", f"{application.uri} is in the registry already", field="iss"
        )
    alike = [one.uri for one in registry.organisations.values() if same_place(one.uri, application.uri)]
    if alike:
        message = f"{alike[0]} is in the registry, and this names the same in other letters"
        raise ConflictError("organisation-alike", message, field="iss")
    if application.key.thumbprint in registry.keys:
        message = "this key is in the registry already; apply with a new one"
        raise ConflictError("key-known", message, field="cose_key")
    if any(one.admin == application.admin for one in registry.organisations.values()):
        message = "this account is the admin of an organisation already; each needs one of its own"
        raise ConflictError("admin-taken", message, field="admin")


def _unknown() -> NotFoundError:
    return NotFoundError("enrolment-unknown", "there is no application of this id")
