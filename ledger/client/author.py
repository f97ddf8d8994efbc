"""Who signs: an organisation with a key, for one log."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.domain.clock import Clock, system_clock
from ledger.domain.cose import Signer
from ledger.domain.disclosure import Path
from ledger.domain.statement import Draft, Seen, StatementFile, sign_statement
from ledger.domain.statement_payload import NONCE_SIZE


@dataclass(frozen=True, slots=True)
class Author:
    """An organisation that signs statements for a log. Nothing but the key is needed.

    Args:
        signer: Its key.
        iss: Its URI.
        audience: Audience URI of the log.
        clock: Dates what is signed.
        random: Source of so many random bytes.
    """

    signer: Signer
    iss: str
    audience: str
    clock: Clock = system_clock
    random: Callable[[int], bytes] = secrets.token_bytes

    def sign(self, draft: Draft, seen: Seen, conceal: Sequence[Path] = ()) -> StatementFile:
        """Sign a statement, and return it with its disclosures.

        Args:
            draft: What is said.
            seen: The newest checkpoint held.
            conceal: Ways to the values of the body that are to be concealed.

        Raises:
            MalformedError: What is said does not fit the format.
            UsageError: A value to conceal that is not there, or one that JSON cannot say.
            UnavailableError: The signer's device does not answer.
        """
        signed = sign_statement(
            draft,
            signer=self.signer,
            iss=self.iss,
            aud=self.audience,
            seen=seen,
            iat=self.clock(),
            nonce=self.random(NONCE_SIZE),
            conceal=conceal,
            salts=self.random,
        )
        return StatementFile(signed.raw, signed.disclosures)
