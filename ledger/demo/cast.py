"""Those who take part: each with an admin account on the chain and a signing key of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from eth_account import Account

from ledger.domain.cose import Alg
from ledger.domain.statement import Draft, Seen, StatementFile, sign_statement
from ledger.founding import Organisation
from ledger.keys.memory import MemorySigner


class StoryClock:
    """The one clock of the demo; it shows what the story says."""

    def __init__(self, now: int) -> None:
        self._now = now

    def __call__(self) -> int:
        """Return the time in POSIX seconds."""
        return self._now

    def set(self, now: int) -> None:
        """Go on to a later time."""
        self._now = max(self._now, now)


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation of the story.

    Args:
        organisation: Its URI and its admin account.
        signer: Signs what it says; nobody else has this key.
    """

    organisation: Organisation
    signer: MemorySigner = field(repr=False)

    @classmethod
    def create(cls, uri: str, alg: Alg = Alg.ES256) -> Self:
        """Make an organisation with new keys."""
        return cls(Organisation(uri, Account.create()), MemorySigner.generate(alg))

    def says(
        self,
        kind: str,
        *,
        subject: str,
        tag: bytes,
        body: Mapping[str, Any],
        conceal: Sequence[tuple[str, ...]],
        aud: str,
        seen: Seen,
        now: int,
        nonce: bytes,
    ) -> StatementFile:
        """Sign a statement, with nothing but the key at hand, and return it as it travels."""
        signed = sign_statement(
            Draft(kind=kind, subjects=(subject,), streams=(tag,), body=body),
            signer=self.signer,
            iss=self.organisation.uri,
            aud=aud,
            seen=seen,
            iat=now,
            nonce=nonce,
            conceal=conceal,
        )
        return StatementFile(signed.raw, signed.disclosures)
