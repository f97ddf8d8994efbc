"""`corridor evidence scrub`: all that a ledger keeps is read and compared, and healed where it can be."""

import typer

from ledger.cli.options import Data, Json
from ledger.cli.output import emit, say
from ledger.cli.progress import counting


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command()(scrub)


def scrub(*, data: Data, as_json: Json = False) -> None:
    """Read all evidence in every store, compare it with its CIDs, and heal what has rotted or is missing.

    An item is healed from the other store that it lies in. Exit code 1 when something stays bad. The ledger
    may run meanwhile.

    Example:

        corridor evidence scrub --data data
    """
    from ledger.assembly import evidence_room
    from ledger.cli.data import open_log, settings_of
    from ledger.domain.clock import system_clock
    from ledger.evidence.scrub import Scrub, in_words

    with open_log(data) as store, counting("scrubbing", as_bytes=True) as report:
        room = evidence_room(settings_of(data), store.engine, system_clock)
        done = Scrub(store.engine, room.stores).run(report)
    if as_json:
        emit(
            {
                "items": done.items,
                "bytes": done.size,
                "good": done.is_good,
                "findings": [
                    {
                        "store": one.store,
                        "cid": one.cid,
                        "state": one.state.value,
                        "healed": one.healed,
                        "message": one.message,
                    }
                    for one in done.findings
                ],
            }
        )
    else:
        say(*in_words(done.findings), f"{done.items} copies of items are good, {done.size} bytes were read")
    if not done.is_good:
        raise typer.Exit(1)
