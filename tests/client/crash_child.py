"""A process that fills an outbox and sends it, and kills itself at one step; run by `test_outbox_crash`."""

import os
import signal
import sys
from pathlib import Path

from ledger.client.outbox import Outbox
from ledger.client.sending import send
from ledger.domain.errors import CorridorError
from ledger.domain.statement import StatementFile
from tests.client.pretend import Pretend


def main(folder: Path, step: str, count: int) -> None:
    """Add the statements of a folder, a line on standard output for each, and send them.

    Args:
        folder: Holds `*.statement`, the outbox and `log`, which stands for the log of the ledger.
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

    outbox = Outbox(folder / "outbox", fault=fault)
    for path in sorted(folder.glob("*.statement")):
        outbox.add(StatementFile.parse(path.read_bytes()))
        print(path.name, flush=True)
    record = folder / "log"
    ledger = Pretend(log=record.read_text().split() if record.exists() else [])
    ledger.refused = {outbox.pending()[-1].id: (503, "log-busy")} if step.startswith("refuse") else {}

    class Recording(list[str]):
        def append(self, name: str) -> None:
            super().append(name)
            with record.open("a") as file:
                file.write(name + "\n")

    ledger.log = Recording(ledger.log)
    with ledger.service() as service:
        try:
            send(outbox, service)
        except CorridorError as error:
            print(error)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
