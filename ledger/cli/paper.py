"""`corridor paper`: what papers say, read on this machine, as the member `papers` of a statement's body."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.files import unreadable
from ledger.cli.options import argument, option
from ledger.cli.output import emit, warn
from ledger.domain.errors import UsageError

if TYPE_CHECKING:
    from ledger.readers.run import Readers


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(paper)


def paper(
    *,
    file: Annotated[
        list[Path],
        argument("FILE", "Papers: DUCA, EDIFACT, JSON, credentials and others that readers know."),
    ],
    into: Annotated[
        Path | None,
        option("FILE", "A JSON object that gets the papers as one more member; - for standard input."),
    ] = None,
) -> None:
    """Read papers in isolation, and print what they say as the member `papers` of a statement's body.

    Nothing leaves this machine. Look at it before you sign it: it is your word then. Of a PDF only the text
    is read, which is no paper in this sense. `corridor statement sign --body said.json` signs it, and
    `--conceal /papers/0/totals/value` conceals the value in it.

    Examples:

        corridor paper invoice.json export-declaration.xml > body.json
        corridor paper packing-list.json --into body.json > said.json
    """
    from ledger.cli.drafts import parse_body
    from ledger.domain.paper_shape import MAX_PAPERS, PAPERS
    from ledger.readers.run import Readers

    body = {} if into is None else parse_body(into)
    if len(file) > MAX_PAPERS:
        message = f"{len(file)} papers are more than the {MAX_PAPERS} of one statement; say several"
        raise UsageError("too-many-papers", message)
    if PAPERS in body:
        raise UsageError("bad-body", f"{into} has papers already; leave them out", field="--into")
    with Readers() as readers:
        read = [_paper_in(path, readers) for path in file]
    emit(body | {PAPERS: read})


def _paper_in(path: Path, readers: "Readers") -> dict[str, Any]:
    from ledger.domain.paper_shape import paper_as_far_as_said

    try:
        with path.open("rb") as source:
            reading = readers.read(source, media_type="application/octet-stream", category="paper")
    except OSError as error:
        raise unreadable(path, "the paper", error) from None
    for complaint in reading.complaints:
        warn(f"{path}: {complaint.message} [{complaint.code}]")
    said = paper_as_far_as_said(reading.found.get("paper"))
    if said is None:
        what = f"what is in it is {reading.format}" if reading.format else "no reader knows what it is"
        message = f"{path} is no paper that can be read into members: {what}; write `papers` by hand"
        raise UsageError("no-paper", message)
    return said.to_json()
