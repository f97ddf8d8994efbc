"""The embedded chain: anvil under supervision, with blocks that follow the ledger's own clock.

It lives in memory and is saved now and then: a power cut may take its last blocks, and it is never called
durable. The database is the durable side, and anchors again what the chain has lost.
"""

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Self

from ledger.chain.anvil_process import AnvilProcess, find_anvil
from ledger.chain.client import ChainClient
from ledger.chain.dumps import Dumps
from ledger.chain.reader import ChainIdentity
from ledger.chain.restore import AnvilStarter
from ledger.domain.clock import Clock, system_clock
from ledger.domain.errors import CorridorError, UnavailableError
from ledger.storage.folder_lock import only_one

CHAIN_ID = 31337
ETHER = 10**18

_logger = logging.getLogger(__name__)
_WATCH_SECONDS = 0.5
_WAIT_SECONDS = 0.02
_LONGEST_PAUSE = 30.0


class EmbeddedChain:
    """Runs one anvil for one folder, restarts it when it ends, saves it, and mines.

    A block is mined when transactions wait, and a few empty ones after it, so that what is to be some blocks
    deep gets there; else the chain stands still. Use it as a context manager, or call `start` and `stop`.

    Args:
        folder: Where its state is kept; made when it is not there.
        anvil: The program; looked for if None.
        clock: Block times follow it, each at least a second after the one before.
        chain_id: EIP-155 number; says nothing about which chain it is.
        port: Port of 127.0.0.1; 0 takes a free one, which then stays the same until `stop`.
        block_seconds: Pause between two looks for waiting transactions; None mines on `mine` only.
        settle_blocks: How many empty blocks follow a block with transactions.
        save_seconds: Pause between two saves of a chain that moved.
        random_bytes: Makes a fresh chain one of its kind.
    """

    def __init__(
        self,
        folder: Path,
        *,
        anvil: Path | None = None,
        clock: Clock = system_clock,
        chain_id: int = CHAIN_ID,
        port: int = 0,
        block_seconds: float | None = 1.0,
        settle_blocks: int = 2,
        save_seconds: float = 30.0,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        # anvil runs in a folder of its own, where a relative path would lead elsewhere.
        self._folder = folder.absolute()
        self._anvil_setting = anvil
        self._clock = clock
        self._chain_id = chain_id
        self._port = port
        self._block_seconds = block_seconds
        self._settle_blocks = settle_blocks
        self._save_seconds = save_seconds
        self._random_bytes = random_bytes
        self._dumps = Dumps(self._folder)
        self._held = ExitStack()
        self._lock = RLock()
        self._ready = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._supervise, name="embedded-chain", daemon=True)
        self._process: AnvilProcess | None = None
        self._failure: Exception | None = None
        self._genesis = b""
        self._is_fresh = False
        self._to_settle = 0
        self._moved = False

    def start(self) -> None:
        """Start anvil with the newest state that can be used, or as a fresh chain; call it once.

        Raises:
            ConflictError: Another process runs the chain of this folder.
            UsageError: The setting names no program.
            UnavailableError: There is no anvil, it does not start, the port is in use, or the folder cannot
                be written.
        """
        self._held.enter_context(only_one(self._folder))
        try:
            anvil = find_anvil(self._anvil_setting)
            self._starter = AnvilStarter(anvil, self._folder, self._dumps, self._chain_id, self._random_bytes)
            self._thread.start()
            self._ready.wait()
            if self._failure is not None:
                raise self._failure
        except BaseException:
            self._held.close()
            raise

    def stop(self) -> None:
        """Save the chain and end anvil; it may be called again."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._held.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The JSON-RPC URL, the same until `stop`."""
        return self._running().url

    @property
    def identity(self) -> ChainIdentity:
        """Which chain it is; another one after a restart that found no usable state."""
        return ChainIdentity(self._chain_id, self._genesis)

    @property
    def is_fresh(self) -> bool:
        """Whether the present chain began with block 0 and not with a saved state: no contract is there."""
        return self._is_fresh

    @property
    def pid(self) -> int:
        """Process number of anvil."""
        return self._running().pid

    def check(self) -> None:
        """Return when the chain answers.

        Raises:
            UnavailableError: It does not.
        """
        self._running().reader.identity()

    def client(self, *, expected: ChainIdentity | None = None) -> ChainClient:
        """Return a client for which a block is mined as soon as it waits for one.

        Args:
            expected: The chain that it must be, should another one begin here; any if None.
        """
        return ChainClient(self.url, expected=expected, while_waiting=self._hurry)

    def mine(self, blocks: int = 1) -> None:
        """Mine some blocks now, with the transactions that wait in the first of them.

        Raises:
            UnavailableError: anvil does not answer.
        """
        with self._lock:
            reader = self._running().reader
            last = reader.head().time
            for _ in range(blocks):
                # The clock may stand still, go back or run on: block times only grow.
                last = max(self._clock(), last + 1)
                reader.rpc.call("evm_mine", last)
            self._moved = True

    def mine_waiting(self) -> bool:
        """Mine a block if transactions wait for one, and return whether they did."""
        with self._lock:
            rpc = self._running().reader.rpc
            status = rpc.call("txpool_status")
            pending = status.get("pending") if isinstance(status, dict) else None
            if rpc.quantity(pending, "txpool_status") == 0:
                return False
            self.mine()
            self._to_settle = self._settle_blocks
            return True

    def fund(self, address: bytes, wei: int = 1_000 * ETHER) -> None:
        """Give an account money, out of nothing.

        Args:
            address: The account, 20 bytes.
            wei: What it has from now on.
        """
        with self._lock:
            self._running().reader.rpc.call("anvil_setBalance", "0x" + address.hex(), hex(wei))
            self.mine()

    def save(self) -> None:
        """Bring the chain as it is now to the disk.

        Raises:
            UnavailableError: anvil does not answer, or the folder cannot be written.
        """
        with self._lock:
            if self._moved:
                rpc = self._running().reader.rpc
                self._dumps.save(rpc.data(rpc.call("anvil_dumpState"), "anvil_dumpState"))
                self._moved = False

    def _running(self) -> AnvilProcess:
        process = self._process
        if process is None or not process.is_running:
            raise UnavailableError("chain-down", "the embedded chain is not running; see the log file")
        return process

    def _hurry(self) -> None:
        if not self.mine_waiting():
            time.sleep(_WAIT_SECONDS)

    # --- the supervising thread; anvil ends with the thread that starts it ---

    def _supervise(self) -> None:
        try:
            self._launch()
        except Exception as error:  # noqa: BLE001 - `start` raises it
            self._failure = error
            return
        finally:
            self._ready.set()
        next_save = time.monotonic() + self._save_seconds
        pause = self._block_seconds or _WATCH_SECONDS
        while not self._stopping.wait(pause):
            pause = self._block_seconds or _WATCH_SECONDS
            try:
                self._turn()
                if time.monotonic() >= next_save:
                    self.save()
                    next_save = time.monotonic() + self._save_seconds
            except CorridorError as error:
                _logger.warning("embedded chain: %s (%s)", error.message, error.code)
                pause = min(_LONGEST_PAUSE, 4 * pause)
            except Exception:
                # A thread that dies takes anvil with it.
                _logger.exception("embedded chain: unexpected failure; going on")
        self._end()

    def _turn(self) -> None:
        if self._process is None or not self._process.is_running:
            _logger.error("embedded chain: anvil has ended; starting it with the last saved state")
            self._launch()
        elif self._block_seconds is not None and not self.mine_waiting() and self._to_settle:
            self.mine()
            self._to_settle -= 1

    def _end(self) -> None:
        try:
            self.save()
        except CorridorError as error:
            _logger.warning("embedded chain: %s (%s)", error.message, error.code)
        if self._process is not None:
            self._process.kill()

    def _launch(self) -> None:
        with self._lock:
            try:
                process, self._is_fresh = self._starter.start(self._port, self._clock)
            except OSError as error:
                raise UnavailableError(
                    "chain-folder", f"the embedded chain cannot use {self._folder} ({error.strerror})"
                ) from None
            self._process, self._port = process, process.port
            self._genesis = process.reader.identity().genesis
            self._moved = True
            if self._is_fresh:
                self.save()
            else:
                # anvil answers questions about the last state only that it was given: let it have more.
                self.mine(self._settle_blocks)
