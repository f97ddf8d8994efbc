"""`corridor handover accept` and `refuse`: the other side's word on terms that were offered."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.desk import Means, open_desk, when
from ledger.cli.drafts import parse_body
from ledger.cli.options import (
    GenesisIfAny,
    Iss,
    Json,
    Key,
    Lang,
    Lenient,
    OutboxIfAny,
    PassphraseFile,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.terms import Offered, offered, party_of, show_terms
from ledger.cli.words import Language, words
from ledger.domain.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from ledger.domain.hand_over import Result

Offer = Annotated[
    str, argument("OFFER", "Hash of the terms, or a file: the terms, or the giver's statement.")
]
Remark = Annotated[
    list[str] | None, option("TEXT", "What you found: damage, a broken seal; may be repeated.", "--remark")
]
Body = Annotated[
    Path | None, option("FILE", "More members of the body, such as `seals_found`: a JSON object.", "--body")
]
Out = Annotated[Path | None, option("FILE", "Where to write the signed statement, too.", "--out")]
Stream = Annotated[
    list[str] | None,
    option("HEX", "Tag of a stream to file it in; the custody streams if not given.", "--stream"),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def accept(
    *,
    offer: Offer,
    key: Key,
    to: ToIfAny = None,
    remark: Remark = None,
    body: Body = None,
    yes: Yes = False,
    out: Out = None,
    stream: Stream = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    lenient: Lenient = False,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """Sign the terms that you were offered. They are shown, and you are asked.

    Examples:

        corridor handover accept $TERMS --key haulier.key --to $URL --remark "dent on the left door"
        corridor handover accept offer.statement --key haulier.key --outbox outbox --genesis genesis.json
    """
    from ledger.domain.hand_over import Result

    means = Means(to, key, iss, passphrase_file, outbox, genesis, lenient, out)
    answer = Result.ACCEPTED_WITH_REMARKS if remark else Result.ACCEPTED
    _sign(means, Answer(offer, answer, remark or (), body, stream or (), yes, lang), as_json=as_json)


def refuse(
    *,
    offer: Offer,
    key: Key,
    to: ToIfAny = None,
    remark: Remark = None,
    body: Body = None,
    yes: Yes = False,
    out: Out = None,
    stream: Stream = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    lenient: Lenient = False,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """Refuse the terms that you were offered: that is put on record, too.

    Example:

        corridor handover refuse $TERMS --key haulier.key --to $URL --remark "the seal is broken"
    """
    from ledger.domain.hand_over import Result

    means = Means(to, key, iss, passphrase_file, outbox, genesis, lenient, out)
    answer = Answer(offer, Result.REFUSED, remark or (), body, stream or (), yes, lang)
    _sign(means, answer, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command line says of an answer.

    Args:
        offer: Hash or file.
        result: What is said of the terms.
        remarks: What was found.
        body: File with more members of the body.
        streams: Tags to file it in.
        yes: Whether nobody is asked.
        lang: Language of the question.
    """

    offer: str
    result: "Result"
    remarks: Sequence[str]
    body: Path | None
    streams: Sequence[str]
    yes: bool
    lang: Language


def _sign(means: Means, answer: Answer, *, as_json: bool) -> None:
    from ledger.domain.hand_over import Result, hand_over_body
    from ledger.domain.statement import Draft, Reference

    more = more_of(answer.body)
    if answer.remarks:
        more["remarks"] = list(answer.remarks)
    with open_desk(means) as desk:
        # (1) The terms are those of the other side, and it is for us to answer, once.
        found = offered(answer.offer, desk.service)
        terms, role = found.terms, party_of(found.terms, desk.author.iss)
        _check_not_answered(found, desk.author.iss)
        # (2) Whoever signs has read them.
        if not answer.yes:
            show_terms(terms, answer.lang)
            _confirm(words(answer.lang)["ask_refuse" if answer.result is Result.REFUSED else "ask_accept"])
        # (3) It is filed where the offer is.
        given = bool(answer.streams) or not found.streams
        tags = desk.streams(terms.subjects, answer.streams) if given else list(found.streams)
        references = [] if found.offer is None else [Reference("answers", found.offer)]
        body = merged({"occurred_at": when()} | more, hand_over_body(terms, role, answer.result))
        told = desk.say(Draft("hand-over", terms.subjects, tags, body, references))
    told.show(as_json=as_json, terms=terms.hash.hex(), result=answer.result.value)


def more_of(body: Path | None) -> dict[str, Any]:
    """Return the members that a file adds to a body; raises as `parse_body`."""
    return {} if body is None else parse_body(body)


def merged(more: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body of both; UsageError when the one would replace what the other says."""
    taken = sorted(set(more) & set(said))
    if taken:
        raise UsageError("bad-body", f"--body may not hold {', '.join(taken)}: the terms say that")
    return {**more, **said}


def _check_not_answered(found: Offered, organisation: str) -> None:
    """Refuse to say the same twice: whoever changes its mind corrects what it said."""
    if organisation in found.signed:
        result, identifier = found.signed[organisation]
        raise PolicyError(
            "answered-already",
            f"{organisation} has signed these terms already ({result}, statement {identifier}); to change "
            "that, correct that statement",
        )


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("not-confirmed", "nobody is there to ask; read the terms, and then give --yes")
    if not typer.confirm(question, err=True):
        raise typer.Abort
