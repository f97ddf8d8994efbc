"""A witness of logs: cosigns a checkpoint only when it goes on from all that it cosigned before.

The order never changes: judge the request against what is stored, replay the entries (an index cosigner),
store the decision by compare-and-swap, and only then sign and answer. After a crash between storing and
answering the log asks again, from the size that it is told, and gets a cosignature of the same root.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Final

from ledger.domain.checkpoint import Checkpoint, cosign, open_checkpoint
from ledger.domain.clock import Clock
from ledger.domain.errors import (
    CorridorError,
    MalformedError,
    NotFoundError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from ledger.domain.merkle import EMPTY_ROOT, verify_consistency
from ledger.domain.note import COSIGNATURE_V1, ED25519, Note, Sign, VerifierKey, checked_signature
from ledger.log.witness_ports import Cosigned, Replayer, WitnessStore
from ledger.log.witness_protocol import Request, WitnessConflict
from ledger.storage.faults import Fault, no_fault

DEFAULT_PATIENCE: Final = 2.0


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log that a witness cosigns.

    Args:
        origin: Its origin line.
        vkeys: Its verifier keys (type 01); one signature by any of them is enough.
    """

    origin: str
    vkeys: tuple[str, ...]


class Witness:
    """One witness and its key.

    Args:
        vkey: Its verifier key (type 04), which also says its name.
        sign: Signs with the private half.
        logs: The logs that it knows.
        store: What it decided before.
        clock: What it dates its cosignatures by.
        replayer: Makes it an index cosigner.
        patience: Seconds that a request waits for another one about the same log.
        fault: Reaches `judged`, `stored` and `signed`; for tests.

    Raises:
        UsageError: The key is not a witness's or not that of `sign`, or a log's key is not one of that log.
        MalformedError: A verifier key is none.
    """

    def __init__(
        self,
        vkey: str,
        sign: Sign,
        logs: Sequence[KnownLog],
        store: WitnessStore,
        clock: Clock,
        *,
        replayer: Replayer | None = None,
        patience: float = DEFAULT_PATIENCE,
        fault: Fault = no_fault,
    ) -> None:
        self._key = witness_key(vkey, sign)
        self._logs = {log.origin: _log_keys(log) for log in logs}
        self._sign = sign
        self._store = store
        self._clock = clock
        self._replayer = replayer
        self._patience = patience
        self._fault = fault
        self._turns = {log.origin: Lock() for log in logs}

    @property
    def name(self) -> str:
        """Its name."""
        return self._key.name

    def add_checkpoint(self, body: bytes) -> bytes:
        """Return the cosignature line for a request of C2SP tlog-witness.

        Args:
            body: The request's body.

        Raises:
            MalformedError: The request is not in the format.
            NotFoundError: The log is not known here.
            PolicyError: The log did not sign the checkpoint.
            WitnessConflict: It goes on from another checkpoint than the newest, or has another root.
            VerificationError: The consistency proof or an entry does not hold.
            UnavailableError: Something is wrong here; the request may be sent again.
        """
        request = Request.parse(body)
        checkpoint = self._signed_checkpoint(request.note)
        if request.old_size > checkpoint.size:
            raise MalformedError(
                "witness-request",
                f"the old size {request.old_size} is over that of the checkpoint, {checkpoint.size}",
            )
        with self._turn(checkpoint.origin):
            old = self._store.newest(checkpoint.origin)
            try:
                self._refuse_another_root(old, checkpoint)
                judge(old, request.old_size, request.proof, checkpoint)
                replayed = None if self._replayer is None else self._replayer.replay(old, checkpoint)
            except CorridorError as error:
                self._keep_evidence(error, checkpoint, request.note)
                raise
            now = self._now(old)
            self._fault("judged")
            new = Cosigned(checkpoint.size, checkpoint.root, now)
            self._store.advance(checkpoint.origin, old, new, request.note, replayed)
            self._fault("stored")
        try:
            line = cosign(checkpoint, self._key, now, self._sign).line().encode()
        except VerificationError as error:
            raise UnavailableError("witness-key", f"this witness cannot sign now: {error}") from None
        self._fault("signed")
        return line

    def _signed_checkpoint(self, data: bytes) -> Checkpoint:
        checkpoint = Checkpoint.parse(Note.parse(data).text)
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            raise NotFoundError(
                "unknown-log", f"this witness does not know the log {checkpoint.origin[:200]}"
            )
        try:
            open_checkpoint(data, keys)
        except VerificationError as error:
            raise PolicyError("log-signature", f"the log did not sign this checkpoint: {error}") from None
        return checkpoint

    @contextmanager
    def _turn(self, origin: str) -> Iterator[None]:
        # One at a time for each log: a replay is one piece of work, however often it is asked for. Between
        # processes the store's compare-and-swap decides.
        turn = self._turns[origin]
        if not turn.acquire(timeout=self._patience):
            raise UnavailableError(
                "witness-busy", f"still at work on another checkpoint of {origin}; try again"
            )
        try:
            yield
        finally:
            turn.release()

    def _refuse_another_root(self, old: Cosigned | None, checkpoint: Checkpoint) -> None:
        root = self._store.root_of(checkpoint.origin, checkpoint.size)
        if root is not None and root != checkpoint.root:
            raise WitnessConflict(
                "witness-other-root",
                f"size {checkpoint.size} of {checkpoint.origin} was cosigned with another root before",
                0 if old is None else old.size,
            )

    def _keep_evidence(self, error: CorridorError, checkpoint: Checkpoint, note: bytes) -> None:
        if isinstance(error, VerificationError) or error.code == "witness-other-root":
            self._store.refuse(checkpoint, note, error.code, self._clock())

    def _now(self, old: Cosigned | None) -> int:
        now = self._clock()
        # An earlier time than the last one would say of a newer checkpoint that it was seen before it.
        if old is not None and now < old.time:
            raise UnavailableError(
                "witness-clock", f"the clock of this witness went back to {now} from {old.time}; set it right"
            )
        return now


def judge(old: Cosigned | None, old_size: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> None:
    """Check that a checkpoint goes on from the newest one cosigned (c2sp.org/tlog-witness, `add-checkpoint`).

    Args:
        old: The newest checkpoint of this log that was cosigned.
        old_size: Size that the log believes it to have.
        proof: Consistency proof from there, 32-byte hashes.
        checkpoint: What the log wants cosigned.

    Raises:
        WitnessConflict: The newest checkpoint has another size, or the same one and another root.
        VerificationError: The consistency proof does not hold.
    """
    known = 0 if old is None else old.size
    if old_size != known:
        raise WitnessConflict(
            "witness-conflict", f"the newest checkpoint cosigned is of size {known}, not {old_size}", known
        )
    if old is not None and checkpoint.size == known and checkpoint.root != old.root:
        raise WitnessConflict("witness-other-root", f"size {known} was cosigned with another root", known)
    if known:
        assert old is not None
        verify_consistency(known, checkpoint.size, proof, old.root, checkpoint.root)
    elif proof:
        raise VerificationError("proof-length", "from size 0 the consistency proof must be empty")
    elif checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise VerificationError("empty-root", "the root of an empty log is the hash of nothing")


def witness_key(vkey: str, sign: Sign) -> VerifierKey:
    """Return the key of a witness, once `sign` has been seen to hold its private half.

    Raises:
        UsageError: The key is not a witness's, or `sign` uses another one.
        MalformedError: `vkey` is not a verifier key.
    """
    key = VerifierKey.parse(vkey)
    if key.kind != COSIGNATURE_V1:
        raise UsageError("witness-key", f"{key.name} is not the key of a witness (type 04)")
    try:
        # Not the beginning of a cosignature's message, so that nobody can use what is signed here.
        checked_signature(b"corridor-ledger/witness-key-check\n", key, sign)
    except VerificationError:
        raise UsageError("witness-key", f"the private key given is not that of {key.name}") from None
    return key


def _log_keys(log: KnownLog) -> tuple[VerifierKey, ...]:
    keys = tuple(VerifierKey.parse(vkey) for vkey in log.vkeys)
    if not keys or any(key.name != log.origin for key in keys):
        raise UsageError("log-key", f"the log {log.origin} needs keys whose name is its origin")
    if any(key.kind != ED25519 for key in keys):
        raise UsageError("log-key", f"the keys of the log {log.origin} must be of type 01")
    return keys
