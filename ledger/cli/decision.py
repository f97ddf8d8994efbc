"""`corridor decision`: what an authority decides, and what others are told of it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ledger.cli import decision_import
from ledger.cli.decision_words import delivery_in_words, kind_in_words, state_in_words
from ledger.cli.desk import Means, open_desk, when
from ledger.cli.options import (
    At,
    GenesisIfAny,
    Iss,
    Json,
    Key,
    KeyToRead,
    Lang,
    OutboxIfAny,
    PassphraseFile,
    To,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import emit, moment, say, warn
from ledger.cli.problems import listed
from ledger.cli.services import open_service
from ledger.cli.words import Language
from ledger.domain.errors import UnavailableError, UsageError
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.domain.decision import Why

Hold = Literal["manifest", "commercial-enforcement", "cet", "pga", "agriculture", "statistical", "other"]
Exam = Literal["nii", "tailgate", "intensive", "usda", "fda", "other"]

group = typer.Typer(help="Decisions of authorities: release, hold, examine.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    decision_import.register(group)
    app.add_typer(group, name="decision")


@group.command("say")
def say_(
    *,
    subject: Annotated[
        list[str],
        argument("SUBJECT...", "URIs of what it is about: the consignment, and the trips it is in."),
    ],
    key: Key,
    release: Annotated[bool, typer.Option("--release", help="Let the goods go.")] = False,
    hold: Annotated[Hold | None, typer.Option("--hold", help="Hold them.", show_default=False)] = None,
    exam: Annotated[
        Exam | None, typer.Option("--exam", help="Hold them to examine them.", show_default=False)
    ] = None,
    reason: Annotated[str | None, option("TEXT", "Why.")] = None,
    reference: Annotated[str | None, option("TEXT", "What you file it under.")] = None,
    reverses: Annotated[
        list[str] | None, option("ID", "Earlier decision of yours that it takes back; may be repeated.")
    ] = None,
    stream: Annotated[
        list[str] | None,
        option("HEX", "Tag of a stream to file it in; the custody streams of the subjects if not given."),
    ] = None,
    to: ToIfAny = None,
    at: At = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Sign a decision. All who read the shipment are told whether to deliver; why is concealed.

    Kind, type, reason and reference are shown to others only when you grant them the category of why an
    authority acts: `corridor access grant SUBJECT --member URI --category enforcement`. A terminal that
    reads the container's stream only is told what names the trip: name both, the consignment and the trip.
    A release ends all that you decided before on what it names; with --reverses only what that names.

    Examples:

        corridor decision say $CONSIGNMENT $TRIP --hold cet --reason "rule 7" --to $URL --key customs.key
        corridor decision say $CONSIGNMENT $TRIP --release --reverses $ID --to $URL --key customs.key
    """
    from ledger.client.decisions import CONCEALED, decision_draft

    why = _why(release=release, hold=hold, exam=exam, reason=reason, reference=reference)
    back = [from_hex(one, 32, "--reverses") for one in reverses or ()]
    moment_ = when(at)
    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis)) as desk:
        tags = desk.streams(subject, stream or ())
        told = desk.say(decision_draft(why, subject, tags, moment_, back), CONCEALED)
        held = _held(desk.service, subject) if release and desk.service is not None else []
    told.show(as_json=as_json, delivery=why.delivery, **why.to_json())
    for one in held:
        warn(
            f"delivery stays blocked by {one.get('statement')} of {one.get('by')}: see corridor decision list"
        )


@group.command("list")
def list_(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the consignment or of the trip.")],
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """Show whether a shipment may be delivered, and all that was decided, as far as you may see.

    Example:

        corridor decision list $TRIP --to $URL --key port.key --lang es
    """
    from ledger.client.decisions import decisions_of

    with open_service(to, key, iss, passphrase_file) as service:
        roles = service.login().get("roles")
        found = decisions_of(service, subject)
    if as_json:
        emit(found)
    else:
        _show(found, subject, roles if isinstance(roles, list) else [], lang)


def _held(service: "Service", subjects: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the decisions that block delivery of subjects, each once."""
    from ledger.client.decisions import decisions_of

    found: dict[object, Mapping[str, Any]] = {}
    # The release is on record already, whatever becomes of the question.
    with suppress(UnavailableError):
        for uri in subjects:
            standing = decisions_of(service, uri)
            for one in listed(standing, "history") if standing.get("delivery") == "blocked" else ():
                if (one.get("delivery"), one.get("state")) == ("blocked", "in-force"):
                    found[one.get("statement")] = one
    return list(found.values())


def _why(
    *, release: bool, hold: str | None, exam: str | None, reason: str | None, reference: str | None
) -> "Why":
    from ledger.domain.decision import WHY, Why

    chosen: list[dict[str, str]] = [{"decision": "release"}] if release else []
    chosen += [
        {"decision": name, "type": one} for name, one in (("hold", hold), ("exam", exam)) if one is not None
    ]
    if len(chosen) != 1:
        raise UsageError("which-decision", "say one of --release, --hold TYPE and --exam TYPE")
    texts = {"reason": reason, "reference": reference}
    said = chosen[0] | {name: text for name, text in texts.items() if text is not None}
    return Why.parse(said, WHY)


def _show(found: Mapping[str, Any], subject: str, roles: Collection[str], lang: Language) -> None:
    say(subject, delivery_in_words(found.get("delivery"), roles, lang))
    for one in listed(found, "history"):
        kind = kind_in_words(one.get("decision"), one.get("type"), lang)
        told = delivery_in_words(one.get("delivery"), roles, lang)
        say(
            f"{moment(one.get('at')) or '?'}  {told:<20}  {state_in_words(one.get('state'), lang):<12}  "
            f"{one.get('by')}"
        )
        more = [str(text) for text in (kind, one.get("reason"), one.get("reference")) if text]
        say(*(f"    {text}" for text in more), f"    {one.get('statement')}")
