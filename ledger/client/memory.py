"""What a client remembers between two runs: which log a service is of, and the newest checkpoint of each log.

Whoever remembers catches a log that shows one history today and another one tomorrow. Nothing here is secret;
losing it costs the memory and nothing else.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from ledger.client import durable
from ledger.domain.checkpoint import Checkpoint, open_checkpoint
from ledger.domain.errors import CorridorError, UnavailableError, VerificationError
from ledger.domain.genesis import Genesis
from ledger.domain.merkle import verify_consistency
from ledger.domain.note import VerifierKey

Consistency = Callable[[int, int], Sequence[bytes]]
"""Returns the consistency proof between two sizes."""

_CHECKPOINT = "checkpoint"


class Memory:
    """A folder of what was seen.

    Args:
        folder: Made when it is first needed; None to forget all when the program ends.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._kept: dict[Path, bytes] = {}

    def log_of(self, url: str) -> Genesis | None:
        """Return the genesis document that a service had when it was first spoken to.

        Raises:
            UnavailableError: The folder cannot be read.
        """
        document = self._read(self._service(url))
        try:
            return None if document is None else Genesis.parse(document)
        except CorridorError:
            return None

    def learn(self, url: str, genesis: Genesis) -> None:
        """Remember which log a service is of.

        Raises:
            UnavailableError: The folder cannot be written.
        """
        self._put(self._service(url), genesis.document)

    def newest(self, genesis: Genesis) -> Checkpoint | None:
        """Return the newest checkpoint of a log that was seen, None for the first time.

        Raises:
            UnavailableError: The folder cannot be read.
        """
        note = self._read(self._log(genesis) / _CHECKPOINT)
        if note is None:
            return None
        try:
            return opened(note, genesis)
        except CorridorError:
            # Half a file of another program, or a disk's fault: the memory starts anew.
            return None

    def see(self, genesis: Genesis, note: bytes, consistency: Consistency) -> Checkpoint:
        """Take in a checkpoint that a service shows, and return the newest one seen.

        Args:
            genesis: Of the log.
            note: The checkpoint as the log signed it.
            consistency: How the log shows that one size is the beginning of another.

        Raises:
            MalformedError: It is no checkpoint.
            VerificationError: The log did not sign it, or it signed another history before.
            UnavailableError: The proof cannot be had now, or the folder cannot be written.
        """
        shown = opened(note, genesis)
        before = self.newest(genesis)
        # An older one is what a copy that lags behind shows. The newest one seen stays the newest.
        if before is not None and shown.size < before.size:
            return before
        if before is not None:
            self._compare(before, shown, genesis, note, consistency)
        if shown != before:
            self._put(self._log(genesis) / _CHECKPOINT, note)
        return shown

    def readers_of(self, genesis: Genesis, organisation: str) -> bytes | None:
        """Return what was remembered of an organisation's encryption keys, None for the first time.

        Args:
            genesis: Of the log.
            organisation: Its URI.

        Raises:
            UnavailableError: The folder cannot be read.
        """
        return self._read(self._readers(genesis, organisation))

    def remember_readers(self, genesis: Genesis, organisation: str, document: bytes) -> None:
        """Remember an organisation's encryption keys; raises as `learn`.

        Args:
            genesis: Of the log.
            organisation: Its URI.
            document: What `readers_of` returns from now on.
        """
        self._put(self._readers(genesis, organisation), document)

    def _compare(
        self, before: Checkpoint, shown: Checkpoint, genesis: Genesis, note: bytes, consistency: Consistency
    ) -> None:
        try:
            proof = [] if shown.size == before.size else consistency(before.size, shown.size)
            verify_consistency(before.size, shown.size, proof, before.root, shown.root)
        except VerificationError:
            # Two checkpoints of one key that do not agree convict the log: they are worth keeping.
            other = self._log(genesis) / f"contradicting-{shown.size}-{shown.root.hex()[:16]}"
            self._put(other, note)
            raise VerificationError(
                "split-view",
                f"the log {genesis.origin} shows a history of size {shown.size} that does not go on from the "
                f"one of size {before.size} that it showed before; {other} and {_CHECKPOINT}, where "
                "this program remembers, are the proof: show them to the other participants",
            ) from None

    def _service(self, url: str) -> Path:
        return Path("services") / f"{sha256(url.encode()).hexdigest()[:32]}.json"

    def _log(self, genesis: Genesis) -> Path:
        return Path("logs") / genesis.hash.hex()

    def _readers(self, genesis: Genesis, organisation: str) -> Path:
        return self._log(genesis) / f"readers-{sha256(organisation.encode()).hexdigest()[:32]}.json"

    def _read(self, name: Path) -> bytes | None:
        if self._folder is None:
            return self._kept.get(name)
        path = self._folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None

    def _put(self, name: Path, data: bytes) -> None:
        if self._folder is None:
            self._kept[name] = data
            return
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            durable.put(path, data)
        except OSError as error:
            raise UnavailableError("cannot-write", f"{path} cannot be written: {error.strerror}") from None


def opened(note: bytes, genesis: Genesis) -> Checkpoint:
    """Return the checkpoint in a note, once the signature of the log was checked.

    Raises:
        MalformedError: It is none.
        VerificationError: The key that the genesis document names did not sign it.
    """
    return open_checkpoint(note, [VerifierKey.parse(genesis.log_key)]).checkpoint
