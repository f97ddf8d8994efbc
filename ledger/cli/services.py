"""Opening a ledger behind a URL for a command: with a key, an officer's session, or neither."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli.files import parsing, read_file
from ledger.cli.passphrases import read_passphrase
from ledger.domain.errors import UsageError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.http import Patience
    from ledger.client.kept_session import KeptSessions
    from ledger.client.memory import Memory
    from ledger.domain.cose import Signer
    from ledger.domain.genesis import Genesis

STATE = "CORRIDOR_STATE"


def memory() -> "Memory":
    """Return what this user's commands remember: `CORRIDOR_STATE`, or `corridor` where such things lie."""
    from ledger.client.memory import Memory

    return Memory(state_folder())


def kept_sessions() -> "KeptSessions":
    """Return the officers' sessions that this user keeps, beside what is remembered."""
    from ledger.client.kept_session import KeptSessions

    return KeptSessions(state_folder())


def state_folder() -> Path | None:
    """Return the folder of what this user's commands remember, None where there is no home for it."""
    if STATE in os.environ:
        return Path(os.environ[STATE])
    home = os.environ.get("XDG_STATE_HOME")
    try:
        return (Path(home) if home else Path.home() / ".local" / "state") / "corridor"
    except RuntimeError:
        # Nobody's home: a service account of a container.
        return None


def signer_of(key: Path, iss: str | None, passphrase_file: Path | None) -> "tuple[Signer, str]":
    """Open a key file, and return the key and the organisation that it signs for.

    Args:
        key: The key file.
        iss: URI of the organisation; the name in the file if None.
        passphrase_file: See `read_passphrase`.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
        UsageError: The passphrase is wrong, or the key is for something else.
        MalformedError: It is no key file, or its name is no URI of an organisation.
    """
    from ledger.domain.fields import organisation
    from ledger.keys.files import KeyFile, KeyKind

    opened = KeyFile.open(key, read_passphrase(passphrase_file), KeyKind.STATEMENT)
    return opened.signer, organisation(iss or opened.name, "--iss")


def genesis_in(path: Path) -> "Genesis":
    """Read a genesis document.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
        UsageError: It is too long.
        MalformedError: It is none.
    """
    from ledger.domain.genesis import MAX_BYTES, Genesis

    document = read_file(path, "the genesis document", max_bytes=MAX_BYTES)
    with parsing(path):
        return Genesis.parse(document)


@contextmanager
def open_service(
    to: str | None,
    key: Path | None = None,
    iss: str | None = None,
    passphrase_file: Path | None = None,
    *,
    genesis: Path | None = None,
    patience: "Patience | None" = None,
) -> "Iterator[Service]":
    """Give a ledger to speak to while a block runs; nothing is asked of it yet.

    Args:
        to: Its URL.
        key: Key file of the organisation; None where no session is needed, or an officer's is kept.
        iss: URI of the organisation; the name in the key file if None.
        passphrase_file: See `read_passphrase`.
        genesis: Genesis document of the log that it has to be.
        patience: How long to try.

    Raises:
        UsageError: There is no URL, or none of HTTP; see also `signer_of`.
    """
    from ledger.client import Service

    if to is None:
        raise UsageError("no-url", "say where the ledger is: --to URL, or CORRIDOR_URL")
    signer, organisation = (None, iss) if key is None else signer_of(key, iss, passphrase_file)
    pinned = None if genesis is None else genesis_in(genesis)
    with Service(
        to,
        signer,
        organisation,
        genesis=pinned,
        memory=memory(),
        patience=patience,
        sessions=kept_sessions(),
    ) as service:
        yield service
