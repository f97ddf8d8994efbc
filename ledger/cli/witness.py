"""`corridor witness`: running a witness of somebody's log."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.options import PassphraseFile, option
from ledger.cli.output import say
from ledger.cli.passphrases import read_passphrase
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.log.witness_server import WatchedLog

group = typer.Typer(help="Witnessing logs for others.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="witness")


@group.callback()
def _group() -> None:
    # With a single command and no callback, that command would take the name of the group.
    pass


@group.command()
def serve(
    *,
    data: Annotated[Path, option("DIR", "Folder of its state; made if it is not there.")],
    key: Annotated[Path, option("FILE", "Key file of the witness, of kind `witness`.")],
    log: Annotated[
        list[str], option("ORIGIN=VKEY", "A log that it cosigns, and its verifier key; may be repeated.")
    ],
    index_log: Annotated[
        list[str] | None,
        option(
            "ORIGIN=URL=HASH",
            "Where that log serves its tiles, and its genesis hash: replay it into the map before cosigning. "
            "For all of the logs or for none.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Cosign the checkpoints of logs, by the C2SP tlog-witness protocol, until it is stopped.

    Each checkpoint must go on from all that it cosigned before; what it decides is stored before it answers.
    With `--index-log` it is an index cosigner. What its signature says is another statement then, so that it
    needs a key of its own.

    Examples:

        corridor witness serve --data witness --key witness.key --log log.example/corridor=$LOG_KEY
        corridor witness serve --data index --key index.key --log log.example/corridor=$LOG_KEY \\
            --index-log log.example/corridor=http://127.0.0.1:8700/log=$GENESIS --port 8701
    """
    from ledger.keys.files import KeyFile, KeyKind
    from ledger.log.witness_server import WitnessSettings
    from ledger.log.witness_server import serve as run

    logs = _watched(log, index_log or ())
    opened = KeyFile.open(key, read_passphrase(passphrase_file), KeyKind.WITNESS)
    run(
        WitnessSettings(
            vkey=opened.verifier_key.encode(),
            sign=opened.sign_note,
            data=data,
            logs=logs,
            index_cosigner=bool(index_log),
            port=port,
        ),
        announce=say,
    )


def _watched(logs: Sequence[str], index_logs: Sequence[str]) -> "tuple[WatchedLog, ...]":
    """Return the logs that the options name.

    Raises:
        UsageError: An option has another form, or names a log that no key was given for.
        MalformedError: A genesis hash is none.
    """
    from ledger.log.witness_server import WatchedLog

    keys: dict[str, list[str]] = {}
    for text in logs:
        origin, equals, vkey = text.partition("=")
        if not equals:
            raise UsageError("bad-log", f"--log must be ORIGIN=VKEY, not {text[:200]}")
        keys.setdefault(origin, []).append(vkey)
    places: dict[str, tuple[str, bytes]] = {}
    for text in index_logs:
        origin, _, rest = text.partition("=")
        url, equals, genesis = rest.rpartition("=")
        if not equals:
            raise UsageError("bad-log", f"--index-log must be ORIGIN=URL=HASH, not {text[:200]}")
        if origin not in keys:
            raise UsageError("bad-log", f"--index-log names {origin[:200]}, and no --log does")
        places[origin] = url, from_hex(genesis, 32, "the hash in --index-log")
    return tuple(
        WatchedLog(origin, tuple(vkeys), *places.get(origin, (None, None))) for origin, vkeys in keys.items()
    )
