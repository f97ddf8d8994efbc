"""The publishing cycle: fix, sign, persist, cosign, persist, publish; recovery is the same cycle.

A checkpoint is published only with the cosignatures that the quorum asks for, and no later one is fixed till
then: a log whose witnesses are away holds one checkpoint back instead of collecting many.
"""

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Self

from ledger.domain.checkpoint import verify_cosignatures
from ledger.domain.clock import Clock
from ledger.domain.errors import CorridorError, UsageError, VerificationError
from ledger.domain.note import Note, NoteSignature, Sign, VerifierKey, parse_signatures
from ledger.log.checkpoints import State, StoredCheckpoint
from ledger.log.store import LogStore
from ledger.log.witness_client import WitnessClient, WitnessConflict

_PROOF_TRIES = 3


@dataclass(frozen=True, slots=True)
class LogSigner:
    """The log's key: `key` is its verifier key, `sign` makes Ed25519 signatures with the private half."""

    key: VerifierKey
    sign: Sign


@dataclass(frozen=True, slots=True)
class Quorum:
    """What a checkpoint needs before it is published.

    Args:
        witnesses: How many of the witnesses must have cosigned it.
        index_cosigners: How many of the index cosigners must have, beside that.
    """

    witnesses: int = 0
    index_cosigners: int = 0


NO_QUORUM = Quorum()


@dataclass(frozen=True, slots=True)
class WitnessFailure:
    """Why a witness did not cosign this time."""

    witness: str
    error: CorridorError


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one cycle did.

    Args:
        checkpoint: The newest checkpoint, as it stands after the cycle.
        fixed: Whether its size was chosen in this cycle.
        published: Whether it was published in this cycle.
        cosigned: Names of the witnesses whose cosignature of it is stored.
        failures: Why others did not cosign, as far as they answered in this cycle.
        waiting: Names of those that have not answered yet; what they say is taken all the same.
    """

    checkpoint: StoredCheckpoint
    fixed: bool
    published: bool
    cosigned: tuple[str, ...]
    failures: tuple[WitnessFailure, ...]
    waiting: tuple[str, ...]


class Publisher:
    """Publishes the checkpoints of one log; several processes may do so for the same database.

    Call `close` at the end; it waits for the witnesses that are still being asked.

    Args:
        store: The log.
        signer: The log's key.
        clock: Tells how old cosignatures are.
        witnesses: Who is asked for cosignatures.
        index_cosigners: Who is asked and has replayed the log into the map before; a witness may be both.
        quorum: How many of each a checkpoint needs.
        recosign_seconds: Age at which a cosignature is asked for anew while no newer checkpoint is there;
            None leaves it at one of each witness.

    Raises:
        UsageError: The quorum asks for more than there are, or two witnesses have one key or name.
    """

    def __init__(
        self,
        store: LogStore,
        signer: LogSigner,
        clock: Clock,
        *,
        witnesses: Sequence[WitnessClient] = (),
        index_cosigners: Sequence[WitnessClient] = (),
        quorum: Quorum = NO_QUORUM,
        recosign_seconds: int | None = None,
    ) -> None:
        if quorum.witnesses > len(witnesses) or quorum.index_cosigners > len(index_cosigners):
            raise UsageError("quorum", "the quorum asks for more witnesses than are configured")
        self._store = store
        self._checkpoints = store.checkpoints
        self._signer = signer
        self._clock = clock
        self._quorum = quorum
        self._recosign_seconds = recosign_seconds
        self._clients = {client.vkey: client for client in (*witnesses, *index_cosigners)}
        self._keys = {vkey: VerifierKey.parse(vkey) for vkey in self._clients}
        self._witness_keys = _distinct(witnesses)
        self._index_keys = _distinct(index_cosigners)
        self._pool = ThreadPoolExecutor(max(1, len(self._clients)), thread_name_prefix="witness")
        self._asked: dict[str, Future[None]] = {}

    def run_once(self) -> Cycle:
        """Take the newest checkpoint, or a new one when the newest is published, as far as it can be taken.

        Returns as soon as that checkpoint is published, or when every witness has answered; what a slow one
        answers later is kept too.

        Raises:
            NotFoundError: There is no log in the database.
            UnavailableError: The database cannot be written now.
        """
        # (1) Fix size and root, unless one waits to be published.
        newest = self._checkpoints.newest()
        fixed = False
        if newest is None or newest.state is State.PUBLISHED:
            newest, fixed = self._checkpoints.fix(0 if newest is None else newest.size)
        # (2) Sign, and persist the signature.
        checkpoint = self._checkpoints.sign(newest.size, self._signer.key, self._signer.sign)
        failures: list[WitnessFailure] = []
        was_published = checkpoint.state is State.PUBLISHED
        unasked = set(self._clients)
        while True:
            # (3) Ask each witness once; its answer is persisted by whoever gets it, before anything else.
            failures += self._answered()
            self._ask(checkpoint, unasked)
            # (4) Publish once there are enough.
            if checkpoint.state is not State.PUBLISHED and self._is_complete(checkpoint):
                checkpoint = self._checkpoints.publish(checkpoint.size)
            if not self._asked or checkpoint.state is State.PUBLISHED:
                break
            wait(self._asked.values(), return_when=FIRST_COMPLETED)
        published = checkpoint.state is State.PUBLISHED and not was_published
        stored = {line.witness for line in self._checkpoints.cosignatures(checkpoint.size)}
        return Cycle(
            checkpoint=checkpoint,
            fixed=fixed,
            published=published,
            cosigned=self._names(stored),
            failures=tuple(failures),
            waiting=self._names(set(self._asked) - stored),
        )

    def close(self) -> None:
        """Wait for the witnesses that are still being asked; what they answer is kept."""
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _ask(self, checkpoint: StoredCheckpoint, unasked: set[str]) -> None:
        """Ask those of the unasked who have not cosigned this checkpoint, or not lately.

        One that still thinks about an earlier question stays unasked till it has answered that.
        """
        latest = {line.witness: line.time for line in self._checkpoints.cosignatures(checkpoint.size)}
        for vkey in unasked - set(self._asked):
            unasked.discard(vkey)
            time = latest.get(vkey)
            if time is None or (
                self._recosign_seconds is not None and self._clock() - time >= self._recosign_seconds
            ):
                self._asked[vkey] = self._pool.submit(self._cosign, self._clients[vkey], checkpoint)

    def _answered(self) -> list[WitnessFailure]:
        """Forget about those who have answered, and return why some of them did not cosign."""
        failures = []
        for vkey, future in [item for item in self._asked.items() if item[1].done()]:
            del self._asked[vkey]
            try:
                future.result()
            except CorridorError as error:
                failures.append(WitnessFailure(self._keys[vkey].name, error))
        return failures

    def _names(self, vkeys: Collection[str]) -> tuple[str, ...]:
        return tuple(key.name for vkey, key in self._keys.items() if vkey in vkeys)

    def _cosign(self, client: WitnessClient, checkpoint: StoredCheckpoint) -> None:
        """Get a cosignature from one witness and persist it."""
        key = self._keys[client.vkey]
        answer = self._obtain(client, self._checkpoints.last_cosigned(key), checkpoint)
        # What a client returned counts only when it verifies here, over the note that was sent.
        time, line = _verified(answer, key, Note.parse(_signed(checkpoint)).text)
        self._checkpoints.add_cosignature(checkpoint.size, key, time, line)

    def _obtain(self, client: WitnessClient, old_size: int, checkpoint: StoredCheckpoint) -> bytes:
        for tries_left in reversed(range(_PROOF_TRIES)):
            proof = self._store.consistency_proof(old_size, checkpoint.size)
            try:
                return client.add_checkpoint(old_size, proof, _signed(checkpoint))
            except WitnessConflict as conflict:
                # Another size up to ours is where it stands; anything else is a disagreement.
                if not tries_left or conflict.size > checkpoint.size or conflict.size == old_size:
                    raise
                old_size = conflict.size
        raise AssertionError("the last try returns or raises")

    def _is_complete(self, checkpoint: StoredCheckpoint) -> bool:
        lines = tuple(line.signature for line in self._checkpoints.cosignatures(checkpoint.size))
        note = Note(Note.parse(_signed(checkpoint)).text, lines)
        return (
            len(verify_cosignatures(note, self._witness_keys)) >= self._quorum.witnesses
            and len(verify_cosignatures(note, self._index_keys)) >= self._quorum.index_cosigners
        )


def _signed(checkpoint: StoredCheckpoint) -> bytes:
    if checkpoint.note is None:
        raise UsageError(
            "checkpoint-unsigned", f"the checkpoint of size {checkpoint.size} must be signed first"
        )
    return checkpoint.note


def _verified(answer: bytes, key: VerifierKey, text: str) -> tuple[int, NoteSignature]:
    """Return time and line of the one cosignature in a witness's answer."""
    try:
        lines = [line for line in parse_signatures(answer.decode()) if line.is_by(key)]
    except UnicodeDecodeError:
        lines = []
    if len(lines) != 1:
        raise VerificationError(
            "witness-answer", f"{key.name} did not answer with one cosignature of its own"
        )
    ((_, time),) = verify_cosignatures(Note(text, tuple(lines)), [key])
    return time, lines[0]


def _distinct(clients: Iterable[WitnessClient]) -> list[VerifierKey]:
    """Return the keys of some witnesses, which must be as many as there are witnesses."""
    keys = [VerifierKey.parse(client.vkey) for client in clients]
    if len({key.name for key in keys}) < len(keys) or len({key.public for key in keys}) < len(keys):
        raise UsageError("quorum", "two of the witnesses have the same name or key: they would count twice")
    return keys
