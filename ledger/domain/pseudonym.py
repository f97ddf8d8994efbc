"""Pseudonyms of people in statements, another one in every shipment (formats, section 18)."""

import hmac
import re
from base64 import b32encode
from hashlib import sha256
from typing import Final

from ledger.domain.errors import MalformedError
from ledger.domain.subject import Subject

PREFIX: Final = "person:"
KEY_SIZE: Final = 32
PERSON_SIZE: Final = 16
_LABEL: Final = b"corridor/person/v1"
_DIGEST: Final = 20
_FORM = re.compile(r"person:[a-z2-7]{32}")


def pseudonym(key: bytes, person: bytes, subject: str) -> str:
    """Return what a person is called in statements about a subject, `person:` and 32 characters.

    Without the key nobody can tell whose it is, nor that two pseudonyms of two subjects are of one person.

    Args:
        key: Of the employer's register, 32 random bytes.
        person: The person's number in the register, 16 random bytes.
        subject: URI of the subject.

    Raises:
        MalformedError: The subject is none.
    """
    about = Subject.parse(subject).uri.encode("ascii")
    digest = hmac.digest(key, _LABEL + b"\0" + person + b"\0" + about, sha256)
    return PREFIX + b32encode(digest[:_DIGEST]).decode("ascii").lower()


def checked(value: object, field: str) -> str:
    """Return a pseudonym.

    Raises:
        MalformedError: Anything else.
    """
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        message = f"{field} must be a pseudonym: person: and 32 characters a-z 2-7"
        raise MalformedError("malformed-field", message, field=field)
    return value
