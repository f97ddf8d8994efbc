"""The tree of commands. Each module adds its own, and imports what it needs only when it runs."""

from importlib.metadata import version
from typing import Annotated

import typer

from ledger.cli import (
    access,
    arrivals,
    assess,
    assessment,
    custody,
    decision,
    demo,
    dossier,
    drop,
    events,
    evidence,
    handover,
    import_,
    key,
    log,
    organisation,
    outbox,
    paper,
    passages,
    people,
    profile,
    receipt,
    registry,
    session,
    statement,
    stream,
    subject,
    subscription,
    todo,
    trust,
    up,
    verdict,
    verify,
    witness,
)
from ledger.cli.output import say

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(version("corridor-ledger"))
        raise typer.Exit


@app.callback()
def corridor(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit."),
    ] = False,
) -> None:
    """A provable chain of custody for container shipments.

    Statements are signed anywhere, put on record in a log, and come back as one file that proves itself.

    Results go to standard output, everything else to standard error, a line each. Exit codes: 0 done,
    1 refused, 2 wrong use, 4 a part that is needed cannot be reached, 70 a fault of this program. `verify`
    and `receipt-verify` have codes of their own; see there.

    Commands that speak to a ledger take its URL, your key and your organisation from `CORRIDOR_URL`,
    `CORRIDOR_KEY` and `CORRIDOR_ISS` where the options are left out, the outbox from `CORRIDOR_OUTBOX`, the
    language from `CORRIDOR_LANG` (`en` or `es`). The newest checkpoint of each log is remembered in the
    folder `CORRIDOR_STATE` (if not set: `~/.local/state/corridor`), so that a log that shows another history
    later is caught.
    """


for _module in (
    *(verify, assess, up, demo),
    *(statement, subject, stream, access, evidence, paper, handover, custody, passages, decision),
    *(arrivals, todo, assessment, subscription, events),
    *(import_, receipt, dossier, verdict),
    *(outbox, drop, session),
    *(organisation, people, registry, profile),
    *(key, trust, log, witness),
):
    _module.register(app)
