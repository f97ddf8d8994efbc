"""One run of anvil: finding the program, starting it, waiting till it answers, ending it."""

import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ledger.chain.fees import GWEI
from ledger.chain.reader import ChainReader
from ledger.chain.rpc import Rpc
from ledger.domain.errors import UnavailableError, UsageError

HOST = "127.0.0.1"
SETTING = "CORRIDOR_ANVIL"
_CHILD = Path(__file__).with_name("child.py")
_START_SECONDS = 30.0
_POLL_SECONDS = 0.02
_RPC_SECONDS = 60.0
_ANSWER_SECONDS = 1.0
# Block headers change with the fork that anvil follows; pinned, they change with us.
_HARDFORK = "prague"
# How many blocks back it answers questions about its state. With more, or none, it writes a file a block.
_STATES = 128
_GAS_LIMIT = 30_000_000

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def find_anvil(setting: Path | None = None) -> Path:
    """Return the anvil program: the one set, that of the project's npm packages, or the one on the path.

    Args:
        setting: Path of the program, from the setting `anvil`.

    Raises:
        UsageError: The one set is no program.
        UnavailableError: There is none.
    """
    if setting is not None:
        if not os.access(setting, os.X_OK) or setting.is_dir():
            raise UsageError(
                "anvil-setting", f"{SETTING} names {setting}, which is no program that can be run"
            )
        return setting.resolve()
    system = _SYSTEMS.get(platform.system(), "unknown")
    machine = _MACHINES.get(platform.machine(), "unknown")
    package = Path("node_modules", "@foundry-rs", f"anvil-{system}-{machine}", "bin", "anvil")
    # Not in the folder that happens to be the current one: whoever can write there could choose the program.
    own = Path(__file__).resolve().parents[2] / package
    if os.access(own, os.X_OK):
        return own
    found = shutil.which("anvil")
    if found is None:
        raise UnavailableError(
            "anvil-missing",
            "the embedded chain needs the program anvil: run `make setup` in a clone, or install Foundry and "
            f"put anvil on the PATH, or set {SETTING} to it, or set CORRIDOR_RPC to a node of your own",
        )
    return Path(found)


@dataclass(frozen=True, slots=True)
class FirstBlock:
    """What makes block 0 of an anvil chain one of its kind.

    anvil makes a block 0 at every start, also when it loads a state that has one. The two must be one, or
    it is left to chance which one it answers with from the next start on. So only what its options say can
    tell chains apart: it does not load a state and a genesis file together.

    Args:
        time: POSIX seconds.
        gas_limit: Units of gas.
        base_fee: Wei for a unit of gas.
    """

    time: int
    gas_limit: int
    base_fee: int

    @classmethod
    def random(cls, time: int, random_bytes: Callable[[int], bytes]) -> Self:
        """Return a block 0 that no other chain has, but for one chance in 2^54.

        Args:
            time: POSIX seconds.
            random_bytes: Returns as many random bytes as it is asked for.
        """
        gas_limit = _GAS_LIMIT + int.from_bytes(random_bytes(3))
        return cls(time, gas_limit, GWEI + int.from_bytes(random_bytes(4)) % 2**30)


class AnvilProcess:
    """A running anvil that mines only when it is told to, and has no account with money.

    Start it in a thread that lives as long as it shall: with that thread it ends.

    Args:
        anvil: The program.
        port: Port of 127.0.0.1; 0 takes a free one.
        chain_id: EIP-155 number.
        first: The block 0 of the chain.
        state: A state to go on from, in JSON; None for a fresh chain.
        log: File for what it prints.

    Raises:
        UnavailableError: The port is in use (code `port-in-use`), or anvil does not start (code
            `anvil-failed`; its own words are in the message).
    """

    def __init__(
        self,
        anvil: Path,
        *,
        port: int,
        chain_id: int,
        first: FirstBlock,
        state: Path | None,
        log: Path,
    ) -> None:
        self.port = _bindable(port)
        self._log = log
        command = [
            *(str(anvil), "--host", HOST, "--port", str(self.port), "--chain-id", str(chain_id)),
            *("--accounts", "0", "--no-mining", "--quiet", "--no-cors", "--hardfork", _HARDFORK),
            *("--prune-history", str(_STATES), "--threads", "2"),
            *("--timestamp", str(first.time), "--gas-limit", str(first.gas_limit)),
            *("--base-fee", str(first.base_fee)),
            *(() if state is None else ("--load-state", str(state))),
        ]
        launcher = [sys.executable, "-I", "-S", str(_CHILD), str(os.getpid())]
        with log.open("wb") as output:
            # A session of its own: Ctrl-C in a terminal is for us, who save the state before we end it.
            self._process = subprocess.Popen(  # noqa: S603 - no shell, and the arguments are ours
                launcher + command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                start_new_session=True,
            )
        self.url = f"http://{HOST}:{self.port}"
        self.reader = ChainReader(self.url, timeout=_RPC_SECONDS)
        try:
            self._wait_until_it_answers(chain_id)
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once; what it holds in memory is lost."""
        self._process.kill()
        self._process.wait()
        self.reader.close()

    def _wait_until_it_answers(self, chain_id: int) -> None:
        probe = Rpc(self.url, timeout=_ANSWER_SECONDS)
        until = time.monotonic() + _START_SECONDS
        try:
            while True:
                if not self.is_running:
                    raise UnavailableError("anvil-failed", f"anvil did not start: {self._last_words()}")
                try:
                    found = probe.quantity(probe.call("eth_chainId"), "eth_chainId")
                except UnavailableError:
                    if time.monotonic() > until:
                        raise UnavailableError(
                            "anvil-failed", f"anvil did not answer within {_START_SECONDS:g} s"
                        ) from None
                    time.sleep(_POLL_SECONDS)
                    continue
                if found == chain_id:
                    return
        finally:
            probe.close()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").split("\n")
        words = [line.strip() for line in lines if line.strip()]
        return next((line for line in words if "rror" in line), words[-1] if words else "it said nothing")[
            :300
        ]


def _bindable(port: int) -> int:
    with socket.socket() as probe:
        # As anvil does: a connection that lingers from its last run is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UnavailableError(
                "port-in-use", f"port {port} of {HOST} cannot be used ({error.strerror}); choose another one"
            ) from None
        return int(probe.getsockname()[1])
