"""`corridor people`: pseudonyms for guards, drivers and officers, which only their employer can resolve."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.evidence_open import Identity
from ledger.cli.options import Json, argument, option
from ledger.cli.output import emit, result, say

if TYPE_CHECKING:
    from ledger.client.people import Register

group = typer.Typer(help="Pseudonyms of people, which their employer can resolve.", no_args_is_help=True)
RegisterFile = Annotated[
    Path,
    option("FILE", "The employer's register: an age file.", "--register", envvar="CORRIDOR_PEOPLE"),
]
Name = Annotated[str, argument("NAME", "Of the person, as the employer calls them.")]
Subject = Annotated[str, option("URI", "The shipment, trip or other subject of the statements.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="people")


@group.command()
def add(
    *,
    name: Name,
    people: RegisterFile,
    identity: Identity,
    recipient: Annotated[
        list[str] | None,
        option("AGE", "Who may open a new register: `age1…` or an SSH public key; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add somebody to the register; the first one makes it, for --recipient.

    Keep a copy: without the register nobody can tell who is meant. Whoever is taken out of all copies of it
    is anonymous from then on.

    Example:

        corridor people add "Guard 17" --register people.age --identity port.age --recipient $AGE
    """
    from ledger.client.people import Register
    from ledger.domain.errors import UsageError

    if people.exists():
        if recipient:
            raise UsageError("register-there", "the register is there already: leave --recipient out")
        opened = _open(people, identity)
    else:
        opened = Register.create(recipient or ())
    opened.adding(name).save(people)
    result({"register": str(people), "people": len(opened.people) + 1}, as_json=as_json)


@group.command()
def pseudonym(
    *, name: Name, subject: Subject, people: RegisterFile, identity: Identity, as_json: Json = False
) -> None:
    """Print what somebody is called in statements about a subject; in another shipment it is another one.

    Example:

        corridor people pseudonym "Guard 17" --subject $TRIP --register people.age --identity port.age
    """
    called = _open(people, identity).pseudonym(name, subject)
    if as_json:
        emit({"pseudonym": called, "subject": subject})
    else:
        say(called)


@group.command()
def resolve(
    *,
    called: Annotated[str, argument("PSEUDONYM", "As it stands in the statement: `person:…`.")],
    subject: Subject,
    people: RegisterFile,
    identity: Identity,
    as_json: Json = False,
) -> None:
    """Print whose pseudonym it is.

    Example:

        corridor people resolve person:k5… --subject $TRIP --register people.age --identity port.age
    """
    name = _open(people, identity).resolve(called, subject)
    if as_json:
        emit({"name": name, "subject": subject})
    else:
        say(name)


@group.command("list")
def list_(*, people: RegisterFile, identity: Identity, as_json: Json = False) -> None:
    """List who is in the register.

    Example:

        corridor people list --register people.age --identity port.age
    """
    names = [one.name for one in _open(people, identity).people]
    if as_json:
        emit(names)
    else:
        say(*names)


def _open(path: Path, identity: Path) -> "Register":
    from ledger.cli.verdicts import identities_in
    from ledger.client.people import Register

    return Register.open(path, identities_in(identity))
