"""Applications: how an organisation that is no participant yet asks to become one (formats, section 17)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from ledger.domain import fields, strict_json
from ledger.domain.cose import CoseKey, Signer
from ledger.domain.errors import MalformedError
from ledger.domain.message import Message, sign_message
from ledger.domain.participant import Onboarding
from ledger.domain.statement_payload import name_of_kind

TYP = "application/vnd.corridor-ledger.enrolment+cose"
FORMAT = "corridor-enrolment/1"
MAX_BYTES = 65_536
MAX_ROLES = 16
NONCE_SIZE = 16
ADDRESS_SIZE = 20

_MEMBERS = ("format", "roles", "admin", "cose_key", "onboarding", "nonce")


@dataclass(frozen=True, slots=True)
class Application:
    """A well-formed application, signed by the key that it brings.

    Args:
        raw: The COSE_Sign1.
        message: What was signed; its id names the application.
        roles: Names of the roles asked for, in the order in which they were.
        admin: Account that shall add and end the organisation's keys, 20 bytes.
        key: Its first signing key.
        body: Who it is, as it says itself: the body of its onboarding statement to be.
        onboarding: The same, read.
    """

    raw: bytes
    message: Message
    roles: tuple[str, ...]
    admin: bytes
    key: CoseKey
    body: Mapping[str, Any] = field(repr=False)
    onboarding: Onboarding = field(repr=False)

    @property
    def id(self) -> bytes:
        """Its name, 32 bytes; nobody can guess it, for the nonce is hashed into it."""
        return self.message.id

    @property
    def uri(self) -> str:
        """URI of the organisation."""
        return self.message.iss

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read an application, and see that the key in it signed it: whoever sent it holds that key.

        Args:
            raw: The COSE_Sign1, at most 65,536 bytes.

        Raises:
            MalformedError: Anything that section 17 of the formats does not allow.
            VerificationError: The key in it did not sign it.
        """
        message = Message.parse(raw, typ=TYP, what="the application", max_bytes=MAX_BYTES)
        said = fields.exactly(
            strict_json.loads(message.payload, max_bytes=MAX_BYTES), _MEMBERS, "the application"
        )
        if said["format"] != FORMAT:
            raise MalformedError(
                "unknown-format", f"the application must have format {FORMAT}", field="format"
            )
        fields.from_hex(said["nonce"], NONCE_SIZE, "nonce")
        key = CoseKey.parse(fields.from_b64url(said["cose_key"], "cose_key"))
        message.verify(key)
        return cls(
            raw=raw,
            message=message,
            roles=_roles(said["roles"]),
            admin=_address(said["admin"]),
            key=key,
            body=said["onboarding"],
            onboarding=Onboarding.parse(said["onboarding"], where="onboarding", at=message.iat),
        )


def apply_for(
    signer: Signer,
    *,
    uri: str,
    aud: str,
    iat: int,
    roles: Sequence[str],
    admin: bytes,
    onboarding: Mapping[str, Any],
    nonce: bytes | None = None,
) -> Application:
    """Sign an application.

    Args:
        signer: The organisation's first key.
        uri: The organisation's URI.
        aud: Audience URI of the log.
        iat: Time of signing, POSIX seconds.
        roles: Names of the roles asked for.
        admin: Account that shall add and end its keys, 20 bytes.
        onboarding: Body of its onboarding statement.
        nonce: 16 random bytes; made if None.

    Raises:
        MalformedError: Something does not fit the format.
        UnavailableError: The signer's device does not answer.
    """
    payload = {
        "format": FORMAT,
        "roles": list(roles),
        "admin": "0x" + admin.hex(),
        "cose_key": fields.b64url(signer.key.encoded),
        "onboarding": onboarding,
        "nonce": (secrets.token_bytes(NONCE_SIZE) if nonce is None else nonce).hex(),
    }
    raw = sign_message(signer, strict_json.dumps(payload), typ=TYP, iss=uri, aud=aud, iat=iat)
    return Application.parse(raw)


def _roles(value: object) -> tuple[str, ...]:
    listed = fields.array(value, "roles")
    if not 1 <= len(listed) <= MAX_ROLES:
        raise MalformedError("malformed-field", f"roles must be 1 to {MAX_ROLES} names", field="roles")
    names = tuple([name_of_kind(name, f"roles.{place}") for place, name in enumerate(listed)])
    if len(set(names)) != len(names):
        raise MalformedError("malformed-field", "roles names one role twice", field="roles")
    return names


def _address(value: object) -> bytes:
    address = fields.from_0x_hex(value, ADDRESS_SIZE, "admin")
    if not any(address):
        raise MalformedError(
            "malformed-field", "admin must be an account, not the zero address", field="admin"
        )
    return address
