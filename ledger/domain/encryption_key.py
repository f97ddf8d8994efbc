"""What a statement of kind `encryption-key` says: for which keys the secrets of evidence are wrapped
(formats, section 18).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError

ENCRYPTION_KEY: Final = "encryption-key"
"""Kind of the statement, which an organisation makes about its own subject."""
MAX_RECIPIENTS: Final = 8
MAX_ESCROW: Final = 4

_RECIPIENT = re.compile(r"age1([02-9ac-hj-np-z]{58})")
_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_ANY_KIND = ("occurred_at", "remarks")


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """The keys of an organisation that evidence is readable with.

    Args:
        recipients: X25519 recipients of age, `age1…`: of those who read evidence in its name.
        escrow: Recipients whose identities it keeps aside, for the day on which it loses the others.
    """

    recipients: tuple[str, ...]
    escrow: tuple[str, ...] = ()

    @classmethod
    def parse(cls, body: object, where: str = "body") -> "EncryptionKey":
        """Read a body.

        Args:
            body: As revealed; all of it has to be there.
            where: What to call it in a complaint.

        Raises:
            MalformedError: A member that is missing, unknown or of another form, a key twice. `field` says
                which member.
        """
        said = fields.exactly_at(body, ("recipients",), where, optional=("escrow", *_ANY_KIND))
        recipients = _recipients(said["recipients"], f"{where}.recipients", MAX_RECIPIENTS)
        escrow = _recipients(said["escrow"], f"{where}.escrow", MAX_ESCROW) if "escrow" in said else ()
        if set(recipients) & set(escrow):
            raise _bad(f"{where}.escrow", "names a key that is among the recipients, too")
        return cls(recipients, escrow)

    @property
    def all(self) -> tuple[str, ...]:
        """The recipients that a secret for the organisation is wrapped for."""
        return self.recipients + self.escrow

    def to_json(self) -> Mapping[str, Any]:
        """Return the members of a body."""
        kept = {"escrow": list(self.escrow)} if self.escrow else {}
        return {"recipients": list(self.recipients)} | kept


def checked_recipient(value: object, field: str) -> str:
    """Return an X25519 recipient of age, with its checksum checked (Bech32, BIP 173).

    Args:
        value: The text.
        field: What to call it in a complaint.

    Raises:
        MalformedError: It is none. It is not repeated: people mistake an identity, a secret, for a recipient.
    """
    matched = _RECIPIENT.fullmatch(value) if isinstance(value, str) else None
    if matched is None or not _checksum_holds(matched[1]):
        raise _bad(field, "must be an age recipient of X25519, `age1` and 58 more characters, free of typos")
    return matched[0]


def _recipients(value: object, field: str, most: int) -> tuple[str, ...]:
    listed = fields.array(value, field)
    if not 1 <= len(listed) <= most:
        raise _bad(field, f"must be 1 to {most} age recipients")
    found = tuple(checked_recipient(one, f"{field}.{place}") for place, one in enumerate(listed))
    if len(set(found)) != len(found):
        raise _bad(field, "names one key twice")
    return found


def _checksum_holds(data: str) -> bool:
    prefix = "age"
    values = [ord(one) >> 5 for one in prefix] + [0] + [ord(one) & 31 for one in prefix]
    check = 1
    for value in (*values, *map(_ALPHABET.index, data)):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, term in enumerate(_GENERATOR):
            check ^= term if top >> place & 1 else 0
    return check == 1


def _bad(field: str, what: str) -> MalformedError:
    return MalformedError("malformed-field", f"{field} {what}", field=field)
