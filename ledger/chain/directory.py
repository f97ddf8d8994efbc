"""The participants as the registry has them now, replayed from its events and kept up to date."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

from ledger.chain.contracts import Log
from ledger.chain.reader import Block, ChainIdentity, ChainReader
from ledger.chain.registry_events import RegisteredKey, RegistryState
from ledger.domain.cose import CoseKey
from ledger.domain.directory import KeyStatus
from ledger.domain.errors import MalformedError, UnavailableError, VerificationError
from ledger.domain.evm_layout import role_id

_TRIES = 3
_UNKNOWN_SECONDS = 0.1
"""How old the answer may be that a key is in no registry; strangers can ask for keys that are not."""


@dataclass(frozen=True, slots=True)
class _Settled:
    """The state as of a block that is too deep to be reorganised."""

    number: int
    hash: bytes
    state: RegistryState


@dataclass(frozen=True, slots=True)
class _Reading:
    """The state as of the newest block, and what was answered from it already."""

    state: RegistryState
    statuses: dict[bytes, KeyStatus]


class RegistryMirror:
    """Answers who a key belongs to and what its organisation may do; a `Directory` for registration.

    It follows the newest block, so that an ended key is refused at once, and reads again what lies less deep
    than `depth`. It never answers from before its first reading, from another chain, or from too long ago.

    Args:
        reader: The chain; it checks the identity that it was told to expect.
        registry: Address of the ParticipantRegistry, 20 bytes.
        roles: Names of the roles that anyone asks about: the chain knows their hashes only.
        from_block: Number of a block before which the registry was not there.
        depth: How many blocks must lie on top of what is not read again.
        check_seconds: How long an answer may be given without asking for the newest block.
        max_age_seconds: How long answers are given while the node does not answer.
        monotonic: Seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        reader: ChainReader,
        registry: bytes,
        roles: Iterable[str],
        *,
        from_block: int = 0,
        depth: int = 64,
        check_seconds: float = 1.0,
        max_age_seconds: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._registry = registry
        self._names = {role_id(name): name for name in roles}
        self._from_block = from_block
        self._depth = depth
        self._check_seconds = check_seconds
        self._max_age_seconds = max_age_seconds
        self._monotonic = monotonic
        self._refreshing = Lock()
        self._identity: ChainIdentity | None = None
        self._settled: _Settled | None = None
        self._head: Block | None = None
        self._reading: _Reading | None = None
        self._good_at = 0.0
        self._next_check = 0.0
        self._is_wanted = False

    def lookup(self, kid: bytes) -> KeyStatus | None:
        """Return what is known of a key now, None when nothing is.

        Args:
            kid: Its thumbprint, 32 bytes.

        Raises:
            UnavailableError: The registry could not be read yet, or not for too long.
            VerificationError: The node serves another chain.
        """
        reading = self._up_to_date()
        if kid not in reading.state.keys:
            # Whoever was enrolled a moment ago is not sent away.
            reading = self._up_to_date(within=_UNKNOWN_SECONDS)
        key = reading.state.keys.get(kid)
        if key is not None and kid not in reading.statuses:
            reading.statuses[kid] = self._status(reading.state, key)
        return reading.statuses.get(kid)

    @property
    def is_at_hand(self) -> bool:
        """Whether a look now is answered from memory: nobody has to ask the node first, or somebody does."""
        return self._is_good and (self._refreshing.locked() or not self._is_due())

    def _is_due(self, within: float | None = None) -> bool:
        sooner = 0.0 if within is None else max(0.0, self._check_seconds - within)
        return self._reading is None or self._monotonic() >= self._next_check - sooner

    @property
    def _is_good(self) -> bool:
        return self._reading is not None and self._monotonic() - self._good_at <= self._max_age_seconds

    def state(self) -> RegistryState:
        """Return all of the registry as of now; raises as `lookup` does."""
        return self._up_to_date().state

    def refresh(self) -> None:
        """Read what the registry did since the last time; nothing when there is no new block.

        Raises:
            UnavailableError: The node cannot say, or the chain moves too fast.
            VerificationError: The node serves another chain.
        """
        with self._refreshing:
            self._refresh()

    def keep_up(self) -> None:
        """Ask the node before it is due if anybody looked something up since, so that the next need not wait.

        Raises:
            UnavailableError: The registry could not be read yet.
            VerificationError: The node serves another chain.
        """
        if self._is_wanted:
            with self._refreshing:
                self._ask()

    def _up_to_date(self, *, within: float | None = None) -> _Reading:
        """Return what the node said in the last `check_seconds`, or in fewer."""
        self._is_wanted = True
        # While one thread asks the node, the others answer from what is there, and wait if that is no good.
        if self._is_due(within) and self._refreshing.acquire(blocking=not self._is_good):
            try:
                if self._is_due(within):
                    self._ask()
            finally:
                self._refreshing.release()
        reading = self._reading
        if reading is None:
            raise UnavailableError(
                "directory-unread", "the registry could not be read yet; is the chain node running?"
            )
        age = self._monotonic() - self._good_at
        if age > self._max_age_seconds:
            raise UnavailableError(
                "directory-stale",
                f"the registry could not be read for {age:.0f} s: nobody is known to be entitled now",
            )
        return reading

    def _status(self, state: RegistryState, key: RegisteredKey) -> KeyStatus:
        owner = state.organisations[key.organisation]
        roles = state.open_roles(key.organisation)
        return KeyStatus(
            organisation=owner.uri,
            cose_key=_cose_key(key.encoded),
            roles=frozenset(self._names[role] for role in roles if role in self._names),
            active=key.interval.ended == 0 and owner.interval.ended == 0,
            use=key.use,
        )

    def _ask(self) -> None:
        self._is_wanted = False
        try:
            self._refresh()
        except VerificationError:
            self._reading = None
            raise
        except UnavailableError:
            if self._reading is None:
                raise
        finally:
            self._next_check = self._monotonic() + self._check_seconds

    def _refresh(self) -> None:
        for _ in range(_TRIES):
            asked_at = self._monotonic()
            head = self._reader.head()
            is_known = self._reading is not None and self._head is not None and head.hash == self._head.hash
            if is_known or self._follow(head):
                self._good_at = asked_at
                return
        raise UnavailableError("chain-moved", "the chain changed while the registry was read; try again")

    def _follow(self, head: Block) -> bool:
        """Read up to a block, and return False when it was replaced meanwhile."""
        identity = self._reader.identity()
        settled = self._settled if identity == self._identity else None
        if settled is not None and self._hash(settled.number) != settled.hash:
            settled = None
        settled = settled or _Settled(self._from_block - 1, b"", RegistryState())
        logs = self._reader.logs(self._registry, [], settled.number + 1, head.number)
        deep = max(settled.number, head.number - self._depth)
        deep_hash = self._hash(deep)
        if deep_hash is None or self._hash(head.number) != head.hash:
            return False
        deeper = _after(settled.state, [one for one in logs if one.block_number <= deep])
        newest = _after(deeper, [one for one in logs if one.block_number > deep])
        self._identity, self._head = identity, head
        self._settled = _Settled(deep, deep_hash, deeper)
        self._reading = _Reading(newest, {})
        return True

    def _hash(self, number: int) -> bytes | None:
        """Return the hash of a block, nothing before block 0, None for one that is not there."""
        if number < 0:
            return b""
        block = self._reader.block(number)
        return None if block is None else block.hash


def _after(state: RegistryState, logs: list[Log]) -> RegistryState:
    try:
        return state.after(logs) if logs else state
    except KeyError:
        raise UnavailableError(
            "registry-history",
            "the node's events of the registry do not begin at its beginning; is `from_block` right?",
        ) from None


def _cose_key(encoded: bytes) -> CoseKey | None:
    try:
        return CoseKey.parse(encoded)
    except MalformedError:
        return None
