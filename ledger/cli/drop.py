"""`corridor drop`: folders that scanners, portals, recorders and terminal systems put their files into."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.dropping import accept_keys, missing_sftp, open_drop
from ledger.cli.errors import REFUSED, report
from ledger.cli.options import Json, argument, option
from ledger.cli.output import emit, fields, moment, result, say, warn
from ledger.domain.errors import CorridorError

if TYPE_CHECKING:
    from ledger.drops.drop import Round
    from ledger.drops.status import Standing

group = typer.Typer(help="Folders that devices put files into: taken, sealed, claimed.", no_args_is_help=True)
Config = Annotated[Path, argument("CONFIG", "The settings of the drop, a TOML file.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="drop")


@group.command()
def check(*, config: Config, as_json: Json = False) -> None:
    """Tell all that is wrong with the settings of a drop, and what to do. Exit code 1 when anything is.

    Example:

        corridor drop check gate.toml
    """
    from ledger.drops.checking import problems_here
    from ledger.drops.settings_file import Problem, SettingsError, load

    try:
        settings = load(config)
    except SettingsError as error:
        problems = list(error.problems)
    else:
        problems = list(problems_here(settings))
        if not problems:
            try:
                with open_drop(settings):
                    pass
            except CorridorError as error:
                problems.append(Problem(error.field or "key", error.message))
    if as_json:
        emit([{"where": one.where, "message": one.message} for one in problems])
    elif problems:
        fields({one.where: one.message for one in problems})
    else:
        say("nothing is wrong with it")
    if problems:
        raise typer.Exit(REFUSED)


@group.command()
def watch(
    *,
    config: Config,
    once: Annotated[
        bool, typer.Option("--once", help="Take what is there, wait until it is whole, and end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take the files of a drop: seal each, claim it in a statement of the device, send both to the ledger.

    It goes on until it is ended (Ctrl-C, or a signal), and may be killed at any time: nothing is lost and
    nothing is claimed twice. With `--once`, exit code 4 when the ledger did not get everything.

    Example:

        corridor drop watch gate.toml
    """
    from ledger.drops.drop import watch as go_round
    from ledger.drops.settings_file import load
    from ledger.storage.folder_lock import only_one

    settings = load(config)
    with only_one(settings.state), open_drop(settings) as drop:
        drop.begin()
        if not once:
            go_round(drop, seconds=settings.poll_seconds, sleep=time.sleep, report=_tell)
        drop.round()
        if settings.whole == "quiet":
            time.sleep(settings.quiet_seconds)
        done = drop.round()
    _tell(done)
    _show(settings_standing(config), as_json=as_json)
    if done.sent.waiting or done.sent.secrets:
        raise typer.Exit(4)


@group.command()
def status(*, config: Config, as_json: Json = False) -> None:
    """Show how a drop stands: what is on record, what waits and for what, what was set aside and why.

    Example:

        corridor drop status gate.toml
    """
    _show(settings_standing(config), as_json=as_json)


@group.command()
def retry(
    *,
    config: Config,
    name: Annotated[str, argument("NAME", "Name of the file, as `corridor drop status` shows it.")],
    as_json: Json = False,
) -> None:
    """Have a file taken anew that was set aside, or that the ledger refused.

    Example:

        corridor drop retry gate.toml MSKU1234565.n42
    """
    from ledger.drops.settings_file import load
    from ledger.drops.status import retry as again

    result({"retried": again(load(config), name)}, as_json=as_json)


@group.command("accept-keys")
def accept(*, config: Config, as_json: Json = False) -> None:
    """Let a drop wrap for the encryption keys that its organisation says it has now.

    A drop remembers them. When they change, secrets of new items wait in the drop's folder until somebody
    has made sure that the organisation has said so.

    Example:

        corridor drop accept-keys gate.toml
    """
    from ledger.drops.settings_file import load

    found = accept_keys(load(config))
    result({"keys": [] if found is None else [*found.keys.all]}, as_json=as_json)


@group.command("serve-sftp")
def serve_sftp(
    *,
    configs: Annotated[list[Path], argument("CONFIG...", "The settings of drops, each with [sftp].")],
    host_key: Annotated[
        Path, option("FILE", "Key by which devices know this server; made when it is not there.")
    ],
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port of 127.0.0.1; 0 takes a free one.")
    ] = 8722,
) -> None:
    """Let devices put files into their drops by SFTP: each with its own key into its own folder.

    It goes on until it is ended. `corridor drop watch` takes what comes; both run side by side.

    Example:

        corridor drop serve-sftp gate.toml portal.toml --host-key sftp.key
    """
    import asyncio

    from ledger.drops.settings_file import load

    settings = [load(config) for config in configs]
    try:
        from ledger.drops import sftp
    except ImportError:
        raise missing_sftp() from None

    async def run() -> None:
        devices = [sftp.Device.of(one) for one in settings]
        async with sftp.serving(devices, sftp.host_key(host_key), port) as taken:
            say(f"sftp://{sftp.HOST}:{taken}")
            await asyncio.Event().wait()

    asyncio.run(run())


def settings_standing(config: Path) -> "Standing":
    """Return how the drop of a settings file stands; raises as `load` and `standing`."""
    from ledger.drops.settings_file import load
    from ledger.drops.status import standing

    return standing(load(config))


def _tell(done: "Round | CorridorError") -> None:
    """Say on standard error what a round came to, if it came to anything."""
    if isinstance(done, CorridorError):
        report(done)
        return
    if done.sent.stopped is not None and not done.is_quiet:
        warn(f"the ledger takes nothing now: {done.sent.stopped.message} [{done.sent.stopped.code}]")
    for name in done.sent.alarms:
        warn(f"{name} has the same content as a file of another trip: see corridor evidence alarms [re-used]")
    for item in done.sent.lost:
        warn(f"the ledger does not keep the secret of {item}")
    if not done.is_quiet:
        told = {"taken": done.taken, "set aside": done.aside, "on record": done.sent.done}
        told |= {"refused by the ledger": done.sent.refused}
        warn(", ".join(f"{count} {what}" for what, count in told.items() if count or what == "taken"))


def _show(standing: "Standing", *, as_json: bool) -> None:
    if as_json:
        emit(standing.to_json())
        return
    lines: dict[str, str | list[str]] = {
        "on record": str(standing.on_record),
        "waits for the ledger": [*standing.to_send],
        "refused by the ledger": [f"{name}: {why}" for name, why in standing.refused.items()],
        "set aside": [f"{one.name}: {one.message} [{one.code}]" for one in standing.aside],
        "waits in the folder": [f"{name}: {why}" for name, why in standing.waiting.items()],
        "not touched": [f"{name}: {why}" for name, why in standing.skipped.items()],
        "nothing is sent": standing.stopped or [],
        "last looked": moment(standing.at) or "never",
    }
    fields({name: value for name, value in lines.items() if value})
