"""`corridor evidence share`, `recover` and `secrets`: who can open what, wrapped anew on this machine."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.desk import Desk, Means, custody_stream, open_desk
from ledger.cli.options import Iss, Json, Key, KeyToRead, PassphraseFile, To, option
from ledger.cli.output import emit, result, say, warn
from ledger.cli.progress import counting
from ledger.cli.readers import AcceptNewKey, TrustIfAny, own_readers, readers, recipients_in
from ledger.cli.services import open_service
from ledger.cli.verdicts import identities_in
from ledger.domain.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from ledger.client.sharing import Record
    from ledger.domain.disclosure_record import Disclosed
    from ledger.domain.wrapped import WrappedSecret
    from ledger.evidence.sealing import Recipient
    from ledger.verification.sealed import Identity

_REFUSED = 1
IdentityFile = Annotated[
    Path,
    option(
        "FILE", "Your age identity, which opens your own secrets.", "--identity", envvar="CORRIDOR_IDENTITY"
    ),
]
SubjectIfAny = Annotated[
    str | None, option("URI", "Only items that are claimed about this subject.", "--subject")
]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command()(share)
    group.command()(recover)
    group.command()(secrets)


def share(
    *,
    subject: Annotated[str, option("URI", "Subject whose evidence is shared, as far as it is yours.")],
    with_: Annotated[str, option("URI", "The organisation that shall be able to open it.", "--with")],
    identity: IdentityFile,
    category: Annotated[
        list[str] | None,
        option("TEXT", "Only items of this category, and renditions of such; may be repeated."),
    ] = None,
    purpose: Annotated[str | None, option("TEXT", "What for; it goes on record.")] = None,
    under: Annotated[
        list[str] | None, option("ID", "The grant or answer that it rests on; may be repeated.")
    ] = None,
    recipients_file: Annotated[
        Path | None,
        option("FILE", "Its keys, if you have them from itself: a recipient in each line. Nothing is asked."),
    ] = None,
    trust: TrustIfAny = None,
    accept_new_key: AcceptNewKey = False,
    again: Annotated[bool, typer.Option("--again", help="Wrap also what it was given before.")] = False,
    to: To,
    key: Key,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Let another organisation open your evidence about a subject, all that is there so far.

    Your secrets are fetched, opened here, wrapped for its keys, and kept by the ledger, which can open none
    of them. A statement goes on record first that names the items. What it was given before is passed over.
    It gets them while it may see the items: that is what a grant is for.

    Examples:

        corridor evidence share --subject $TRIP --with https://customs.example --identity exporter.age \\
            --to $URL --key exporter.key
        corridor evidence share --subject $TRIP --with https://port.example --category photo --category log \\
            --purpose "slot planning" --under $GRANT --identity exporter.age --to $URL --key exporter.key
    """
    from ledger.client.sharing import share as share_all
    from ledger.domain.disclosure_record import Disclosed
    from ledger.domain.fields import organisation

    reader, identities = organisation(with_, "--with"), identities_in(identity)
    records: list[str] = []
    with open_desk(Means(to, key, iss, passphrase_file)) as desk:
        service = desk.service
        assert service is not None
        if reader == desk.author.iss:
            raise UsageError("share-with-oneself", "--with is your own organisation: you can open it already")
        if recipients_file is not None:
            keys = recipients_in(recipients_file)
        else:
            keys = readers(service, reader, accept_new=accept_new_key, trust=trust).keys.all
        mine, passed = _own(desk, subject, reader, category, again=again)
        record = _recording(desk, subject, Disclosed(reader, frozenset(), purpose), under or (), records)
        with counting(f"sharing with {reader}") as report:
            waiting = share_all(
                service, reader, keys, secrets=mine, identities=identities, record=record, report=report
            )
    told = {"with": reader, "shared": len(mine), "waiting": waiting, "given_before": passed}
    result(told | {"records": records}, as_json=as_json)
    if waiting:
        warn(
            f"{reader} may not see {waiting} of them yet, and gets them once it may: show it their category "
            f"(corridor access grant {subject} --member {reader} --category ...)"
        )


def recover(
    *,
    identity: IdentityFile,
    recipient: Annotated[
        list[str] | None,
        option(
            "AGE",
            "Who shall open them from now on; if not given, the keys that your organisation says it has.",
        ),
    ] = None,
    subject: SubjectIfAny = None,
    to: To,
    key: Key,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Wrap your organisation's own secrets anew, when a key is lost or was seen by others.

    They are opened with a key that still opens them, such as the one kept in escrow, and wrapped for the new
    keys in place of the old. Who had a secret still has it. Exit code 1 when some cannot be opened.

    Example:

        corridor evidence recover --identity escrow.age --to $URL --key exporter.key
    """
    from ledger.client.sharing import hand_over, received
    from ledger.evidence.sealing import recipients_of

    identities = identities_in(identity)
    with open_service(to, key, iss, passphrase_file) as service:
        me = service.session.iss
        assert me is not None
        if recipient is None:
            own = own_readers(service)
            if own is None:
                message = "say --recipient, or first `corridor organisation encryption-key`"
                raise UsageError("recipients", f"nothing says for which keys to wrap: {message}")
            targets = recipients_of(own.keys.all)
        else:
            targets = recipients_of(recipient)
        mine = [one.secret for one in received(service, subject=subject) if one.giver == me]
        done, lost = wrapped_anew(mine, identities, targets)
        hand_over(service, me, done, None)
    result({"recovered": len(done), "not_opened": lost}, as_json=as_json)
    if lost:
        raise typer.Exit(_REFUSED)


def secrets(
    *,
    subject: SubjectIfAny = None,
    with_: Annotated[
        str | None, option("URI", "What you gave to this organisation, not what you were given.", "--with")
    ] = None,
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List the secrets of evidence that the ledger keeps for you; nobody but you can open them.

    Examples:

        corridor evidence secrets --subject $TRIP --to $URL --key customs.key
        corridor evidence secrets --with https://customs.example --to $URL --key exporter.key
    """
    from ledger.client.sharing import given, received

    with open_service(to, key, iss, passphrase_file) as service:
        found = (
            received(service, subject=subject) if with_ is None else given(service, with_, subject=subject)
        )
        shown = [
            {
                "commitment": one.secret.commitment.hex(),
                "cid": one.secret.cid,
                "category": one.category,
                "from": one.giver,
                "record": one.record,
            }
            for one in found
        ]
    if as_json:
        emit(shown)
    else:
        say(*(f"{one['cid']}  {one['category'] or 'not claimed yet'}  {one['from']}" for one in shown))


def _own(
    desk: Desk, subject: str, reader: str, categories: Sequence[str] | None, *, again: bool
) -> "tuple[list[WrappedSecret], int]":
    """Return the own secrets of a subject that are to be shared, and how many were shared before."""
    from ledger.client.sharing import given, received

    service = desk.service
    assert service is not None
    mine = [
        one.secret
        for one in received(service, subject=subject)
        if one.giver == desk.author.iss and _is_wanted(one.category, categories)
    ]
    if again:
        return mine, 0
    had = {one.secret.commitment for one in given(service, reader, subject=subject)}
    new = [one for one in mine if one.commitment not in had]
    return new, len(mine) - len(new)


def _is_wanted(category: str | None, wanted: Sequence[str] | None) -> bool:
    from ledger.domain.concealed import base_category

    return not wanted or (category is not None and base_category(category) in wanted)


def _recording(
    desk: Desk, subject: str, said: "Disclosed", under: Sequence[str], records: list[str]
) -> "Record":
    """Return what puts on record that items are made readable, and keeps the ids of the statements."""
    from ledger.domain.disclosure_record import DISCLOSURE_RECORD
    from ledger.domain.fields import from_hex
    from ledger.domain.statement import Draft, Reference

    references = [Reference("under", from_hex(one, 32, "--under")) for one in under]
    assert desk.service is not None
    stream = custody_stream(desk.service.subject(subject))

    def record(commitments: Sequence[bytes]) -> bytes:
        body = replace(said, items=frozenset(commitments)).to_json()
        told = desk.say(Draft(DISCLOSURE_RECORD, (subject,), (stream,), body, references))
        records.append(told.statement.id.hex())
        return told.statement.id

    return record


def wrapped_anew(
    secrets: "Sequence[WrappedSecret]", identities: "Sequence[Identity]", targets: "Sequence[Recipient]"
) -> "tuple[list[WrappedSecret], list[str]]":
    """Return secrets wrapped for other keys, and the CIDs of those that none of the identities opens."""
    from ledger.client.sharing import rewrapped

    done: list[WrappedSecret] = []
    lost: list[str] = []
    with counting("wrapping") as report:
        for place, one in enumerate(secrets, 1):
            try:
                done.append(rewrapped(one, identities, targets))
            except PolicyError as error:
                lost.append(one.cid)
                warn(f"{error.message} [{error.code}]")
            report(place, len(secrets))
    return done, lost
