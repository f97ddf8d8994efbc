"""Starting anvil with the newest saved state that can be used, or else as a fresh chain."""

import logging
from collections.abc import Callable
from pathlib import Path

from ledger.chain.anvil_process import AnvilProcess, FirstBlock
from ledger.chain.dumps import Dumps
from ledger.domain.clock import Clock
from ledger.domain.errors import UnavailableError

_logger = logging.getLogger(__name__)


class AnvilStarter:
    """Starts anvil for one folder.

    Args:
        anvil: The program.
        folder: Where states and the program's output lie.
        dumps: The saved states in that folder.
        chain_id: EIP-155 number.
        random_bytes: Makes a fresh chain one of its kind.
    """

    def __init__(
        self,
        anvil: Path,
        folder: Path,
        dumps: Dumps,
        chain_id: int,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._anvil = anvil
        self._folder = folder
        self._dumps = dumps
        self._chain_id = chain_id
        self._random_bytes = random_bytes

    def start(self, port: int, clock: Clock) -> tuple[AnvilProcess, bool]:
        """Return a running anvil, and whether its chain is a fresh one.

        Args:
            port: Port of 127.0.0.1; 0 takes a free one.
            clock: Gives a fresh chain its beginning.

        Raises:
            UnavailableError: anvil does not start, or the port is in use.
            OSError: The folder cannot be read or written.
        """
        state = self._folder / "state.json"
        refused: list[Path] = []
        dumps = self._dumps.candidates()
        for dump in dumps:
            saved = self._dumps.unpack(dump, state)
            if saved is None:
                continue
            process = self._run(port, saved.first, state)
            state.unlink()
            if process is not None and process.reader.identity().genesis == saved.genesis:
                self._put_aside(refused)
                return process, False
            if process is not None:
                process.kill()
            refused.append(dump)
        if dumps:
            _logger.error("embedded chain: no saved state can be used; this is a new, different chain")
        process = self._run(port, FirstBlock.random(clock(), self._random_bytes), None)
        assert process is not None
        self._put_aside(refused)
        return process, True

    def _put_aside(self, refused: list[Path]) -> None:
        # Not before another state was taken: an anvil that does not run at all is no reason to lose one.
        for dump in refused:
            self._dumps.put_aside(dump)

    def _run(self, port: int, first: FirstBlock, state: Path | None) -> AnvilProcess | None:
        """Return a running anvil, None when it does not start with this state."""
        try:
            return AnvilProcess(
                self._anvil,
                port=port,
                chain_id=self._chain_id,
                first=first,
                state=state,
                log=self._folder / "anvil.log",
            )
        except UnavailableError as error:
            if error.code != "anvil-failed" or state is None:
                raise
            _logger.warning("embedded chain: %s", error.message)
            return None
