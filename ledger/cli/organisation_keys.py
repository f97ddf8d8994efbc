"""`corridor organisation encryption-key` and `readers`: for which keys evidence is wrapped for whom."""

from typing import Annotated

import typer

from ledger.cli.desk import Means, open_desk
from ledger.cli.options import (
    GenesisIfAny,
    Iss,
    Json,
    Key,
    KeyToRead,
    OutboxIfAny,
    PassphraseFile,
    To,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import result
from ledger.cli.readers import AcceptNewKey, TrustIfAny, readers
from ledger.cli.services import open_service


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("encryption-key")(encryption_key)
    group.command("readers")(readers_)


def encryption_key(
    *,
    subject: Annotated[
        str, option("URI", "The organisation's own subject, of type `organisation`.", "--subject")
    ],
    key: Key,
    recipient: Annotated[
        list[str],
        option("AGE", "Who reads in its name: `age1…`, as `age-keygen` prints it; may be repeated."),
    ],
    escrow: Annotated[
        list[str] | None,
        option(
            "AGE",
            "A key that it keeps aside, to recover by when the others are lost; may be repeated.",
        ),
    ] = None,
    to: ToIfAny = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Say for which keys evidence is wrapped when your organisation is given some. The newest word counts.

    What was wrapped before stays as it is: `corridor evidence recover` wraps your own evidence anew. Keep the
    identities of `--escrow` apart from the others; who has one reads all that was wrapped since.

    Example:

        corridor organisation encryption-key --subject $ORGANISATION --recipient $AGE --escrow $KEPT_ASIDE \\
            --key exporter.key --to $URL
    """
    from ledger.domain.encryption_key import ENCRYPTION_KEY, EncryptionKey
    from ledger.domain.statement import Draft
    from ledger.domain.subject import Subject

    kept = {"escrow": escrow} if escrow else {}
    body = EncryptionKey.parse({"recipients": recipient} | kept).to_json()
    uri = Subject.parse(subject, "--subject").uri
    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis)) as desk:
        told = desk.say(Draft(ENCRYPTION_KEY, (uri,), desk.streams([uri], ()), body))
    told.show(as_json=as_json)


def readers_(
    *,
    uri: Annotated[str, argument("URI", "The organisation.")],
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    trust: TrustIfAny = None,
    accept_new_key: AcceptNewKey = False,
    as_json: Json = False,
) -> None:
    """Show for which keys evidence is wrapped for an organisation, and remember them.

    Its signature on them is verified. When they are others than they were, that is refused until you take
    them.

    Example:

        corridor organisation readers https://customs.example --to $URL --key exporter.key
    """
    with open_service(to, key, iss, passphrase_file) as service:
        found = readers(service, uri, accept_new=accept_new_key, trust=trust)
    shown = {
        "organisation": found.organisation,
        "recipients": list(found.keys.recipients),
        "escrow": list(found.keys.escrow),
        "statement": found.statement.hex(),
        "signed_by": found.signed_by.hex(),
        "seen_before": not found.is_new,
        "proven": trust is not None,
    }
    result(shown, as_json=as_json)
