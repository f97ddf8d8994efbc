"""Login messages: how whoever holds a key opens a session of the service (formats, section 16)."""

from dataclasses import dataclass
from typing import Self

from ledger.domain.cose import CoseKey, Signer
from ledger.domain.errors import MalformedError
from ledger.domain.message import Message, sign_message

TYP = "application/vnd.corridor-ledger.login+cose"
MAX_BYTES = 1_024
CHALLENGE_SIZES = range(16, 65)
"""How many bytes a challenge may have; what they are is the service's own affair."""


@dataclass(frozen=True, slots=True)
class Login:
    """A well-formed login message; whether its signature holds is for `verify` to say.

    Args:
        message: As it was signed. It is the challenge that dates a login, and not its `iat`.
    """

    message: Message

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read a login message.

        Args:
            raw: The COSE_Sign1 in the one serialisation of statements, at most 1,024 bytes.

        Raises:
            MalformedError: Anything that section 16 of the formats does not allow.
        """
        message = Message.parse(raw, typ=TYP, what="the login message", max_bytes=MAX_BYTES)
        if len(message.payload) not in CHALLENGE_SIZES:
            what = "the payload of a login message must be the challenge, byte for byte"
            raise MalformedError("malformed-login", what, field="payload")
        return cls(message)

    @property
    def kid(self) -> bytes:
        """Thumbprint of the signing key, 32 bytes."""
        return self.message.kid

    @property
    def iss(self) -> str:
        """URI of the organisation that wants a session."""
        return self.message.iss

    @property
    def aud(self) -> str:
        """Audience URI of the log whose service it is for."""
        return self.message.aud

    @property
    def challenge(self) -> bytes:
        """What the service gave out."""
        return self.message.payload

    def verify(self, key: CoseKey) -> None:
        """Check that the key registered under the thumbprint `kid` signed it; raises as `Message.verify`."""
        self.message.verify(key)


def sign_login(signer: Signer, *, iss: str, aud: str, iat: int, challenge: bytes) -> bytes:
    """Sign a login message, and return its bytes.

    Args:
        signer: Whose key signs.
        iss: URI of the organisation that wants a session.
        aud: Audience URI of the log.
        iat: Time of signing, POSIX seconds.
        challenge: What the service gave out.

    Raises:
        MalformedError: A value does not fit the format.
        UnavailableError: The signer's device does not answer.
    """
    raw = sign_message(signer, challenge, typ=TYP, iss=iss, aud=aud, iat=iat)
    # Read back by the rules of the service, as statements are.
    Login.parse(raw)
    return raw
