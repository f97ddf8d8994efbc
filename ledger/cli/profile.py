"""`corridor profile`: the rules of corridors, as data: shown, copied, checked."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.errors import REFUSED
from ledger.cli.files import parsing, read_file, write_file
from ledger.cli.options import Force, Json, Lang, argument
from ledger.cli.output import emit, say, show_table
from ledger.domain.errors import MalformedError

if TYPE_CHECKING:
    from ledger.corridors.checking.remark import Remark
    from ledger.corridors.profile import Profile

Choice = Annotated[
    str, argument("NAME|FILE", "A profile that comes with the ledger (see `list`), or a file with one.")
]

group = typer.Typer(help="The rules of a corridor: who owes what by when.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="profile")


@group.command("list")
def list_(*, as_json: Json = False) -> None:
    """List the profiles that come with the ledger.

    Examples:

        corridor profile list
        corridor profile list --json
    """
    from ledger.corridors.shipped import SHIPPED, shipped_profile

    profiles = [shipped_profile(name) for name in SHIPPED]
    if as_json:
        emit([_head(one) for one in profiles])
    else:
        show_table(
            ("profile", "version", "what it is for"), [(p.id, str(p.version), p.title) for p in profiles]
        )


@group.command()
def show(*, choice: Choice, lang: Lang = "en", as_json: Json = False) -> None:
    """Show who owes what by when, who may say what, and who sees what.

    Examples:

        corridor profile show guatemala-us
        corridor profile show our-corridor.toml --lang es
    """
    from ledger.cli.profile_shown import show_profile
    from ledger.corridors.profile import Profile

    document, path = _document(choice)
    with parsing(path):
        profile = Profile.parse(document)
    if as_json:
        emit(_head(profile) | {"tables": tomllib.loads(document.decode())})
    else:
        show_profile(profile, lang)


@group.command()
def write(
    *,
    name: Annotated[str, argument("NAME", "A profile that comes with the ledger; see `list`.")],
    file: Annotated[Path, argument("FILE", "Where to write it.")],
    force: Force = False,
) -> None:
    """Write a copy of a shipped profile, to change.

    Give the copy an id of its own, change it, and let `corridor profile check` look at it.

    Example:

        corridor profile write guatemala-us our-corridor.toml
    """
    from ledger.corridors.shipped import shipped_profile

    write_file(file, shipped_profile(name).document, force=force)
    say(f"{file} is a copy of {name}: give it an id of its own in [corridor] before you change it")


@group.command()
def check(*, choice: Choice, as_json: Json = False) -> None:
    """Explain all that is wrong with a profile: where, what, and what to do.

    What cannot be read as a profile is told one thing at a time; when it can be read, everything in it that
    makes no sense is told at once. Errors are rules that nobody can keep or that mean nothing: no log begins
    with them. Warnings are worth a look.

    Exit codes: 0 no errors, 1 errors, 2 wrong use, 4 the file cannot be read.

    Examples:

        corridor profile check our-corridor.toml
        corridor profile check our-corridor.toml --json
    """
    from ledger.corridors import checking
    from ledger.corridors.checking.remark import Weight, error
    from ledger.corridors.profile import Profile

    document, _ = _document(choice)
    profile: Profile | None = None
    try:
        profile = Profile.parse(document)
        remarks: Sequence[Remark] = checking.check(profile)
    except MalformedError as bad:
        todo = "Put it right and check again: the rest is looked at when the file can be read."
        remarks = [error(bad.code, bad.field or "the file", bad.message, todo)]
    good = all(one.weight is not Weight.ERROR for one in remarks)
    if as_json:
        head = {} if profile is None else _head(profile)
        emit(head | {"good": good, "remarks": [one.to_json() for one in remarks]})
    else:
        _tell(choice, profile, remarks)
    if not good:
        raise typer.Exit(REFUSED)


def _tell(choice: str, profile: "Profile | None", remarks: "Sequence[Remark]") -> None:
    for one in remarks:
        say(f"{one.weight.value:<7}  {one.path}", f"         {one.says} [{one.code}]", f"         {one.todo}")
    errors = sum(one.weight.value == "error" for one in remarks)
    counted = ", ".join((_counted(errors, "error"), _counted(len(remarks) - errors, "warning")))
    named = choice if profile is None else f"{profile.id}, version {profile.version}"
    say(f"{named}: {counted}" if remarks else f"{named}: nothing is wrong with it")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _document(choice: str) -> tuple[bytes, Path]:
    """Return the bytes of a profile by its name or its file, and what to call it in complaints."""
    from ledger.corridors.profile import MAX_BYTES
    from ledger.corridors.shipped import SHIPPED, shipped_profile

    path = Path(choice)
    if choice in SHIPPED:
        return shipped_profile(choice).document, path
    return read_file(path, "the profile", max_bytes=MAX_BYTES), path


def _head(profile: "Profile") -> dict[str, Any]:
    return {
        "profile": profile.id,
        "version": profile.version,
        "title": profile.title,
        "hash": profile.hash.hex(),
    }
