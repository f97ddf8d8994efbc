"""The two newest dumps of the embedded chain's state, each whole or not there.

anvil's own `--state` file is rewritten in place without fsync: a kill or a power cut leaves a truncated file,
after which anvil does not start. Here a dump is written beside the others, brought to the disk, and only then
renamed.
"""

import gzip
import json
import logging
import os
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from ledger.chain.anvil_process import FirstBlock
from ledger.chain.headers import encode_header
from ledger.domain.errors import CorridorError, UnavailableError
from ledger.domain.evm_layout import keccak

_logger = logging.getLogger(__name__)

_NEWEST, _PREVIOUS, _NEW = "state.json.gz", "state.previous.json.gz", "state.new"
_DAMAGED = ".damaged"


class SavedChain(NamedTuple):
    """Which chain a dump is of: its block 0, and the hash of that."""

    first: FirstBlock
    genesis: bytes


class Dumps:
    """The dumps in one folder.

    Args:
        folder: Must be there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, dump: bytes) -> None:
        """Keep a dump as the newest one, and the newest one until now as the previous.

        Args:
            dump: As `anvil_dumpState` gives it: gzip of JSON.

        Raises:
            UnavailableError: The folder cannot be written, or the disk is full. The dumps are as they were.
        """
        new, newest, previous = (self._folder / name for name in (_NEW, _NEWEST, _PREVIOUS))
        try:
            with new.open("wb") as file:
                file.write(dump)
                file.flush()
                os.fsync(file.fileno())
            # A kill between these two leaves the previous one, which `candidates` finds.
            if newest.exists():
                newest.replace(previous)
            new.replace(newest)
            _sync_folder(self._folder)
        except OSError as error:
            raise UnavailableError(
                "chain-not-saved",
                f"the embedded chain cannot be saved in {self._folder} ({error.strerror}); free or unlock it",
            ) from None

    def candidates(self) -> list[Path]:
        """Return the dumps that are there, newest first."""
        return [path for name in (_NEWEST, _PREVIOUS) if (path := self._folder / name).exists()]

    def unpack(self, dump: Path, target: Path) -> SavedChain | None:
        """Write the JSON of a dump where anvil can read it; put a damaged dump aside.

        Args:
            dump: One of `candidates`.
            target: File to write.

        Returns:
            Which chain it is; None when the dump is damaged.
        """
        try:
            # gzip's checksum tells whether it is whole.
            content = gzip.decompress(dump.read_bytes())
            saved = _first_block(json.loads(content))
        except (
            OSError,
            EOFError,
            zlib.error,
            ValueError,
            KeyError,
            TypeError,
            RecursionError,
            CorridorError,
        ):
            self.put_aside(dump)
            return None
        target.write_bytes(content)
        return saved

    def put_aside(self, dump: Path) -> None:
        """Rename a dump that cannot be used, so that it is neither tried again nor lost."""
        _logger.error("the saved state %s of the embedded chain is damaged; it is put aside", dump)
        dump.replace(dump.with_name(dump.name + _DAMAGED))


def _first_block(state: dict[str, Any]) -> SavedChain:
    (header,) = (block["header"] for block in state["blocks"] if int(block["header"]["number"], 16) == 0)
    time, gas_limit, base_fee = (int(header[name], 16) for name in ("timestamp", "gasLimit", "baseFeePerGas"))
    return SavedChain(FirstBlock(time, gas_limit, base_fee), keccak(encode_header(header)))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
