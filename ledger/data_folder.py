"""The folder of one ledger: held by one process, readable by its owner only, and where the others look."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.domain.errors import ConflictError, UnavailableError
from ledger.storage.folder_lock import only_one

RPC_FILE = "rpc"
GENESIS_FILE = "genesis.json"


class DataFolder:
    """One data folder.

    Args:
        path: Where it is, or will be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process while a block runs; it is made when it is not there.

        Raises:
            ConflictError: Another process holds it.
            UnavailableError: It cannot be made or written.
        """
        try:
            # What was disclosed to this log, and the keys, are nobody else's business.
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(
                "folder-not-writable",
                f"the data folder {self.path} cannot be made ({error.strerror}); choose another",
            ) from None
        with only_one(self.path):
            yield

    @contextmanager
    def announced(self, rpc: str) -> Iterator[None]:
        """Say where the chain of the running ledger is reached, while a block runs.

        Args:
            rpc: The URL. It may hold a secret, so that only the owner can read it.

        Raises:
            UnavailableError: The folder cannot be written.
        """
        self._write(RPC_FILE, rpc.encode())
        try:
            yield
        finally:
            (self.path / RPC_FILE).unlink(missing_ok=True)

    @property
    def rpc(self) -> str | None:
        """Where the chain is reached, as a running ledger said it, or one that was killed."""
        content = self._read(RPC_FILE)
        return None if content is None else content.decode(errors="replace")

    def keep_genesis(self, document: bytes) -> None:
        """Keep a copy of the genesis document of the log that lives here.

        It is handed out to those who verify, and it shows when the database is not the one of this folder.

        Raises:
            ConflictError: The copy that is there is of another log.
            UnavailableError: The folder cannot be written.
        """
        there = self.genesis
        if there is None:
            self._write(GENESIS_FILE, document)
        elif there != document:
            raise ConflictError(
                "other-log",
                f"the database holds another log than {self.path / GENESIS_FILE} says; check the setting "
                "`database`, or use a data folder of its own for each log",
            )

    @property
    def genesis(self) -> bytes | None:
        """The copy of the genesis document, None before the log began."""
        return self._read(GENESIS_FILE)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(
                "cannot-read", f"{self.path / name} cannot be read: {error.strerror}"
            ) from None

    def _write(self, name: str, content: bytes) -> None:
        path = self.path / name
        beside = path.with_name(f".{name}.new")
        try:
            beside.unlink(missing_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as error:
            raise UnavailableError("cannot-write", f"{path} cannot be written: {error.strerror}") from None
