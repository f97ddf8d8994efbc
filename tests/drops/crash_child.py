"""A process that runs a drop, and kills itself at one step; run by `test_drop_crash`."""

import os
import signal
import sys
from pathlib import Path

from tests.drops.ledgers import Ledger
from tests.drops.place import Place


def main(folder: Path, step: str, count: int) -> None:
    """Run the drop of a folder.

    Args:
        folder: Holds the drop, and `ledger`, what the ledger took.
        step: Where to die.
        count: How often that step is passed before.
    """
    left = count

    def fault(at: str) -> None:
        nonlocal left
        if at == step:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    place = Place(folder, Ledger(folder=folder / "ledger"), fault=fault)
    place.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
