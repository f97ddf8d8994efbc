"""Access to a service whose database is real, and whose registry and clock are played."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Engine, Table, func, select

from ledger.access import Access, Caller
from ledger.domain.cose import Alg
from ledger.domain.directory import KeyStatus
from ledger.domain.login import Login, sign_login
from ledger.storage.engine import read_transaction
from tests.builders import EXPORTER, a_genesis, a_signer
from tests.chain.chains import Hands, a_database

SECRET = b"s" * 32


@dataclass
class Registry:
    """A registry that is written by hand."""

    keys: dict[bytes, KeyStatus] = field(default_factory=dict)

    def lookup(self, kid: bytes) -> KeyStatus | None:
        """Return what is known of a key."""
        return self.keys.get(kid)

    def enrol(self, uri: str, alg: Alg = Alg.ES256) -> bytes:
        """Enter the key of an organisation, and return its thumbprint."""
        key = a_signer(uri, alg).key
        self.keys[key.thumbprint] = KeyStatus(uri, key, frozenset({"exporter"}), active=True)
        return key.thumbprint

    def end(self, kid: bytes) -> None:
        """End a key."""
        self.keys[kid] = replace(self.keys[kid], active=False)


@dataclass
class Door:
    """Access, and all that a test turns to see what it does."""

    access: Access
    engine: Engine
    registry: Registry
    clock: Hands

    def login(self, uri: str = EXPORTER, *, alg: Alg = Alg.ES256, **changes: object) -> Login:
        """Return a login with a fresh challenge; members of `sign_login` can be given."""
        arguments = {
            "iss": uri,
            "aud": a_genesis().audience,
            "iat": self.clock(),
            "challenge": self.access.challenges.give().value,
        } | changes
        return Login.parse(sign_login(a_signer(uri, alg), **arguments))  # type: ignore[arg-type]

    def token(self, uri: str = EXPORTER) -> str:
        """Return the token of a new session."""
        return self.access.sessions.open(self.login(uri)).token

    def caller(self, token: str) -> Caller:
        """Return whose session a token holds."""
        return self.access.sessions.caller(token)

    def count(self, table: Table) -> int:
        """Return the number of rows of a table."""
        with read_transaction(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@contextmanager
def a_door(folder: Path, *, session_seconds: int = 3600) -> Iterator[Door]:
    """Open access in a folder, with the exporter enrolled."""
    engine, registry, clock = a_database(folder), Registry(), Hands()
    registry.enrol(EXPORTER)
    access = Access.create(
        engine, registry, a_genesis().audience, clock, SECRET, session_seconds=session_seconds
    )
    try:
        yield Door(access, engine, registry, clock)
    finally:
        engine.dispose()
