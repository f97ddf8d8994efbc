"""`corridor log`: looking into a log, by its database or by its tiles, and checking what is seen."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.options import Json, argument, option
from ledger.cli.output import emit_bytes, result
from ledger.domain.errors import NotFoundError

if TYPE_CHECKING:
    from ledger.domain.checkpoint import SignedCheckpoint
    from ledger.verification.trust import Trust as TrustFile

group = typer.Typer(
    help="The log, in a data folder or behind a URL, checked as it is read.", no_args_is_help=True
)
Data = Annotated[Path | None, option("DIR", "Data folder of the ledger.", "--data")]
Url = Annotated[
    str | None, option("URL", "Where the log serves its tiles, such as http://127.0.0.1:8700/log.", "--url")
]
Trust = Annotated[Path | None, option("FILE", "Trust file: which log it has to be, and its keys.", "--trust")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="log")


@group.command()
def show(*, data: Data = None, url: Url = None, trust: Trust = None, as_json: Json = False) -> None:
    """Show which log it is and how far it has come.

    Example:

        corridor log show --data data
    """
    from ledger.cli.log_source import open_source

    with open_source(data, url, trust) as log:
        genesis = log.genesis
        shown: dict[str, Any] = {
            "origin": genesis.origin,
            "genesis": genesis.hash.hex(),
            "log_key": genesis.log_key,
            "chain": genesis.chain_id,
            "registry": "0x" + genesis.registry.hex(),
            "anchor": "0x" + genesis.anchor.hex(),
            "profile": genesis.profile.hex(),
            "entries": log.source.size(),
        }
        try:
            shown |= _described(log.head(), log.trust)
        except NotFoundError:
            shown["checkpoint_size"] = None
    result(shown, as_json=as_json)


@group.command()
def checkpoint(*, data: Data = None, url: Url = None, trust: Trust = None, as_json: Json = False) -> None:
    """Print the newest published checkpoint, once the log's signature of it was checked.

    It is what `corridor statement sign --seen` takes.

    Example:

        corridor log checkpoint --url http://127.0.0.1:8700/log > checkpoint.txt
    """
    from ledger.cli.log_source import open_source

    with open_source(data, url, trust) as log:
        note = log.source.newest()
        signed = log.open(note)
    if as_json:
        result(_described(signed, log.trust), as_json=True)
    else:
        emit_bytes(note)


@group.command()
def entry(
    *,
    index: Annotated[int, argument("INDEX", "Which entry, from 0 on.", min=0)],
    data: Data = None,
    url: Url = None,
    trust: Trust = None,
    as_json: Json = False,
) -> None:
    """Show an entry, once it was shown to be in the newest published checkpoint.

    Example:

        corridor log entry 17 --data data
    """
    from ledger.cli.log_source import open_source
    from ledger.domain.entry import GenesisEntry, MapRootEntry, parse_entry

    with open_source(data, url, trust) as log:
        raw = log.entry(index)
    parsed = parse_entry(raw)
    shown: dict[str, Any] = {"index": index, "entry": raw.hex()}
    if isinstance(parsed, GenesisEntry):
        shown |= {"kind": "genesis", "genesis": parsed.genesis_hash.hex()}
    elif isinstance(parsed, MapRootEntry):
        shown |= {"kind": "map-root", "map_root": parsed.map_root.hex()}
    else:
        tags = [tag.hex() for tag in parsed.tags]
        shown |= {"kind": "statement", "envelope": parsed.envelope.hex(), "streams": tags}
    result(shown, as_json=as_json)


@group.command()
def inclusion(
    *,
    index: Annotated[int, argument("INDEX", "Which entry, from 0 on.", min=0)],
    size: Annotated[
        int | None, option("NUMBER", "Of which tree; of the newest checkpoint if not given.", "--size")
    ] = None,
    data: Data = None,
    url: Url = None,
    trust: Trust = None,
    as_json: Json = False,
) -> None:
    """Print the proof that an entry is in the log of a size, once it was checked (RFC 9162).

    Example:

        corridor log inclusion 17 --size 40 --data data --json
    """
    from ledger.cli.log_source import open_source
    from ledger.domain.merkle import leaf_hash, verify_inclusion

    with open_source(data, url, trust) as log:
        size = log.head().checkpoint.size if size is None else size
        root = log.root(size)
        leaf = leaf_hash(log.entry(index))
        if index >= size:
            raise NotFoundError("entry-unknown", f"entry {index} is not in the tree of {size}")
        proof = list(log.source.inclusion_proof(index, size))
        verify_inclusion(leaf, index, size, proof, root)
    shown = {"index": index, "size": size, "leaf_hash": leaf.hex(), "root": root.hex()}
    result({**shown, "proof": [one.hex() for one in proof]}, as_json=as_json)


@group.command()
def consistency(
    *,
    first: Annotated[int, argument("SIZE1", "The smaller size.", min=1)],
    second: Annotated[int, argument("SIZE2", "The larger size.", min=1)],
    data: Data = None,
    url: Url = None,
    trust: Trust = None,
    as_json: Json = False,
) -> None:
    """Print the proof that the log of one size is the beginning of that of another (RFC 9162).

    Example:

        corridor log consistency 12 40 --url http://127.0.0.1:8700/log
    """
    from ledger.cli.log_source import open_source
    from ledger.domain.merkle import verify_consistency

    with open_source(data, url, trust) as log:
        root1, root2 = log.root(first), log.root(second)
        proof = list(log.source.consistency_proof(first, second))
        verify_consistency(first, second, proof, root1, root2)
    shown = {"size1": first, "root1": root1.hex(), "size2": second, "root2": root2.hex()}
    result({**shown, "proof": [one.hex() for one in proof]}, as_json=as_json)


@group.command()
def check(
    *,
    size: Annotated[
        int | None,
        option("NUMBER", "Stop at the checkpoint of this size; the newest if not given.", "--size"),
    ] = None,
    data: Data = None,
    url: Url = None,
    trust: Trust = None,
    as_json: Json = False,
) -> None:
    """Replay the whole log into a tree and a map of your own, and compare every root that it ever gave.

    The map root that is printed is what `corridor verify --map-root` takes, so that completeness rests on
    nobody's word but yours.

    Examples:

        corridor log check --url https://log.example/log --trust trust.json
        corridor log check --data data --size 40 --json
    """
    from dataclasses import asdict

    from ledger.cli.log_source import open_source
    from ledger.cli.replay import replay

    with open_source(data, url, trust) as log, _progress(size or log.source.size()) as advance:
        replayed = replay(log, size, advance)
    shown = {
        name: value.hex() if isinstance(value, bytes) else value for name, value in asdict(replayed).items()
    }
    result(shown, as_json=as_json)


def _described(signed: "SignedCheckpoint", trust: "TrustFile | None") -> dict[str, Any]:
    checkpoint, note, key = signed
    shown = {
        "checkpoint_size": checkpoint.size,
        "checkpoint_root": checkpoint.root.hex(),
        "signed_by": key.encode(),
    }
    if trust is None:
        return shown | {"cosignatures_unchecked": sorted({one.name for one in note.signatures} - {key.name})}
    from ledger.domain.checkpoint import verify_cosignatures

    cosignatures = verify_cosignatures(note, trust.witnesses.keys)
    return shown | {"cosignatures": [f"{one.name} at {one.timestamp}" for one in cosignatures]}


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Give what to tell how far one is; it shows on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=total)
        yield lambda done: progress.update(task, completed=done)
