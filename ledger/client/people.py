"""An employer's register of the people in its statements: an age file that only the employer opens."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

import pyrage

from ledger.client.durable import put
from ledger.domain import fields, strict_json
from ledger.domain.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    PolicyError,
    UnavailableError,
    UsageError,
)
from ledger.domain.pseudonym import KEY_SIZE, PERSON_SIZE, checked, pseudonym
from ledger.evidence.sealing import recipients_of
from ledger.verification.sealed import Identity

FORMAT: Final = "corridor-people/1"
MAX_PEOPLE: Final = 10_000
MAX_BYTES: Final = 8 * 1_048_576


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a register.

    Args:
        id: Their number there, 16 random bytes.
        name: What the employer calls them.
    """

    id: bytes = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Register:
    """A register that is open.

    Args:
        key: 32 random bytes, from which pseudonyms come.
        recipients: age recipients that may open it.
        people: Who is in it, none of one name twice.
    """

    key: bytes = field(repr=False)
    recipients: tuple[str, ...]
    people: tuple[Person, ...] = field(default=(), repr=False)

    @classmethod
    def create(cls, recipients: Sequence[str]) -> Self:
        """Return a new register that these may open.

        Raises:
            UsageError: There is no recipient, or one is none.
        """
        recipients_of(recipients)
        return cls(secrets.token_bytes(KEY_SIZE), tuple(recipients))

    @classmethod
    def open(cls, path: Path, identities: Sequence[Identity]) -> Self:
        """Open the register in a file.

        Raises:
            NotFoundError: It is not there.
            UnavailableError: It cannot be read.
            PolicyError: It is for others.
            MalformedError: It is no register.
        """
        try:
            with path.open("rb") as file:
                sealed = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise NotFoundError(
                "no-register", f"there is no register at {path}; add somebody first"
            ) from None
        except OSError as error:
            raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None
        try:
            plain = pyrage.decrypt(sealed, identities)
        except (pyrage.DecryptError, ValueError):
            message = f"{path} is no register, or for others than the identity given"
            raise PolicyError("not-for-you", message) from None
        return cls._parse(plain)

    def save(self, path: Path) -> None:
        """Write it, encrypted for its recipients, in place of what is there.

        Raises:
            UnavailableError: It cannot be written.
        """
        document = {
            "format": FORMAT,
            "key": self.key.hex(),
            "recipients": list(self.recipients),
            "people": [{"id": one.id.hex(), "name": one.name} for one in self.people],
        }
        sealed = pyrage.encrypt(strict_json.dumps(document), recipients_of(self.recipients))
        try:
            put(path, sealed)
        except OSError as error:
            raise UnavailableError("cannot-write", f"{path} cannot be written: {error.strerror}") from None

    def adding(self, name: str) -> Self:
        """Return it with one more person.

        Raises:
            ConflictError: Somebody of this name is there: tell them apart.
            UsageError: It is full.
            MalformedError: The name is none.
        """
        fields.text(name, "name", longest=200)
        if any(one.name == name for one in self.people):
            message = "somebody of this name is there already; add what tells them apart, such as a badge"
            raise ConflictError("person-known", message)
        if len(self.people) >= MAX_PEOPLE:
            raise UsageError("register-full", f"a register holds {MAX_PEOPLE} people; begin another one")
        return replace(self, people=(*self.people, Person(secrets.token_bytes(PERSON_SIZE), name)))

    def pseudonym(self, name: str, subject: str) -> str:
        """Return what a person is called in statements about a subject.

        Raises:
            NotFoundError: Nobody of this name is there.
            MalformedError: The subject is none.
        """
        for one in self.people:
            if one.name == name:
                return pseudonym(self.key, one.id, subject)
        raise NotFoundError("person-unknown", "nobody of this name is in the register; add them first")

    def resolve(self, called: str, subject: str) -> str:
        """Return the name of whoever is called so in statements about a subject.

        Raises:
            MalformedError: It is no pseudonym, or the subject is none.
            NotFoundError: It is nobody's of this register.
        """
        wanted = checked(called, "the pseudonym")
        for one in self.people:
            if pseudonym(self.key, one.id, subject) == wanted:
                return one.name
        message = "it is nobody's of this register in statements about this subject"
        raise NotFoundError("person-unknown", message)

    @classmethod
    def _parse(cls, plain: bytes) -> Self:
        members = fields.exactly(
            strict_json.loads(plain, max_bytes=MAX_BYTES), ("format", "key", "recipients", "people"), "it"
        )
        if members["format"] != FORMAT:
            raise MalformedError("unknown-format", f"a register has the format {FORMAT}", field="format")
        people = []
        for place, one in enumerate(fields.array(members["people"], "people")):
            said = fields.exactly_at(one, ("id", "name"), f"people.{place}")
            identifier = fields.from_hex(said["id"], PERSON_SIZE, f"people.{place}.id")
            people.append(Person(identifier, fields.text(said["name"], f"people.{place}.name", longest=200)))
        recipients = [
            fields.text(one, "recipients", longest=4_096)
            for one in fields.array(members["recipients"], "recipients")
        ]
        return cls(fields.from_hex(members["key"], KEY_SIZE, "key"), tuple(recipients), tuple(people))
