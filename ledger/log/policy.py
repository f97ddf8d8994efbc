"""Who may register what: everything about a submission that can be decided without the log's content."""

from collections.abc import Sequence

from ledger.corridors.profile import Profile
from ledger.domain import key_use
from ledger.domain.clock import Clock
from ledger.domain.cose import CoseKey
from ledger.domain.directory import Directory, KeyStatus
from ledger.domain.errors import PolicyError, VerificationError
from ledger.domain.genesis import Genesis
from ledger.domain.moment import in_words
from ledger.domain.statement import Statement
from ledger.domain.subject import SUBJECT_OPENED, Subject
from ledger.log.append import OPENINGS, Submission

__all__ = ["Directory", "KeyStatus", "RegistrationPolicy"]

DEFAULT_FUTURE_SECONDS = 300


class RegistrationPolicy:
    """The registration policy of one log (RFC 9943 section 5.1.1); what it does not refuse is accepted.

    Args:
        directory: Knows the participants' keys as they are now.
        profile: Says which roles may say which kinds of thing.
        genesis: The log's genesis document.
        clock: The log's clock.
        future_seconds: How far ahead of it a signer's clock may be.
    """

    def __init__(
        self,
        directory: Directory,
        profile: Profile,
        genesis: Genesis,
        clock: Clock,
        *,
        future_seconds: int = DEFAULT_FUTURE_SECONDS,
    ) -> None:
        self._directory = directory
        self._profile = profile
        self._audience = genesis.audience
        self._clock = clock
        self._future_seconds = future_seconds

    def check(
        self, raw: bytes, disclosures: Sequence[str] = (), cose_key: CoseKey | None = None
    ) -> Submission:
        """Return what may be appended to the log.

        Args:
            raw: The statement as received.
            disclosures: The texts that came with it.
            cose_key: The signer's key if it came too; needed where the directory knows only the thumbprint.

        Raises:
            MalformedError: The statement or a disclosure is not in the format, or too large.
            PolicyError: Codes `wrong-audience`, `issued-in-future`, `opening-streams`, `opening-subject`,
                `key-unknown`, `key-inactive`, `issuer-mismatch`, `kind-not-allowed`, `key-use`,
                `key-missing`.
            VerificationError: The key given is another one, or the signature does not hold.
            UnavailableError: The directory cannot say now.
        """
        # (1) It is a statement, for this log, and not from the future.
        statement = Statement.parse(raw)
        if statement.aud != self._audience:
            raise PolicyError(
                "wrong-audience",
                f"the statement is for {statement.aud}; this log is {self._audience}",
                field="aud",
            )
        self._check_time(statement.iat)
        # (2) An opening opens one stream, and a subject's name commits to whoever opens it.
        if statement.kind in OPENINGS:
            _check_opening(statement)
        # (3) The key is a participant's, good now, and its organisation may say this.
        status = self._known(statement)
        key = _key(status, statement.kid, cose_key)
        # (4) The signature holds, and what is disclosed is what was signed.
        statement.verify(key)
        if disclosures:
            statement.reveal(disclosures)
        return Submission(statement, tuple(disclosures), key)

    def signed(self, raw: bytes) -> Statement:
        """Return a statement that the participant whose key it names has signed, whatever it may say.

        Args:
            raw: The statement as received.

        Raises:
            MalformedError: It is none.
            PolicyError: Codes `key-unknown`, `key-missing`.
            VerificationError: The signature does not hold.
            UnavailableError: The directory cannot say now.
        """
        statement = Statement.parse(raw)
        status = self._directory.lookup(statement.kid)
        if status is None:
            raise _unknown(statement)
        statement.verify(_key(status, statement.kid, None))
        return statement

    def _check_time(self, iat: int) -> None:
        ahead = iat - self._clock()
        if ahead > self._future_seconds:
            raise PolicyError(
                "issued-in-future",
                f"the statement was signed {in_words(ahead)} ahead of the log's clock; "
                f"{in_words(self._future_seconds)} are allowed: set the signer's clock right, and sign again",
                field="iat",
            )

    def _known(self, statement: Statement) -> KeyStatus:
        status = self._directory.lookup(statement.kid)
        if status is None:
            raise _unknown(statement)
        if not status.active:
            raise PolicyError(
                "key-inactive", f"key {statement.kid.hex()} or its organisation has ended", field="kid"
            )
        if status.organisation != statement.iss:
            raise PolicyError(
                "issuer-mismatch",
                f"the statement says it is by {statement.iss}; its key belongs to {status.organisation}",
                field="iss",
            )
        if not self._profile.may_say(statement.kind, status.roles):
            roles = ", ".join(sorted(status.roles)) or "none"
            raise PolicyError(
                "kind-not-allowed",
                f'the corridor lets no role of {statement.iss} say "{statement.kind}" (its roles: {roles})',
                field="kind",
            )
        wrong_use = key_use.objection(status.use, statement.kind, self._profile.devices)
        if wrong_use is not None:
            raise PolicyError(
                "key-use", f"{wrong_use}; sign it with another key of {statement.iss}", field="kid"
            )
        return status


def _unknown(statement: Statement) -> PolicyError:
    message = f"key {statement.kid.hex()} is not in the registry; its organisation's admin must add it"
    return PolicyError("key-unknown", message, field="kid")


def _check_opening(statement: Statement) -> None:
    if len(statement.streams) != 1:
        raise PolicyError(
            "opening-streams", "an opening names exactly the one stream that it opens", field="streams"
        )
    if statement.kind == SUBJECT_OPENED and not Subject.parse(statement.sub).opened_by(
        statement.iss, statement.streams[0]
    ):
        raise PolicyError(
            "opening-subject",
            f"{statement.sub} does not commit to {statement.iss} and this custody stream; make its name from "
            "both",
            field="sub",
        )


def _key(status: KeyStatus, kid: bytes, given: CoseKey | None) -> CoseKey:
    if given is not None and given.thumbprint != kid:
        raise VerificationError(
            "wrong-key",
            f"the key given has thumbprint {given.thumbprint.hex()}, not {kid.hex()}",
            field="kid",
        )
    key = status.cose_key or given
    if key is None:
        raise PolicyError(
            "key-missing",
            f"send the COSE_Key {kid.hex()} along: only its thumbprint is known here",
            field="kid",
        )
    return key
