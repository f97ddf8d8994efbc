"""`corridor statement`: signing, showing and submitting statements."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.drafts import checkpoint_seen, concealed_path, draft_of, parse_body, read_statement
from ledger.cli.files import parsing, write_file
from ledger.cli.options import Force, Iss, Json, Key, Now, PassphraseFile, argument, option
from ledger.cli.output import emit, fields, moment, say
from ledger.cli.saying import Conceal, Corrects, References, follow, get, say_
from ledger.cli.services import genesis_in, signer_of
from ledger.cli.submission import submit
from ledger.domain.clock import system_clock
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.domain.statement import Statement

group = typer.Typer(help="What organisations say, signed.", no_args_is_help=True)
group.command()(submit)
group.command("say")(say_)
group.command()(follow)
group.command()(get)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="statement")


@group.command()
def sign(
    *,
    key: Key,
    genesis: Annotated[Path, option("FILE", "Genesis document of the log that it is for.")],
    kind: Annotated[str, option("TEXT", "What is said, such as `seal-check`.")],
    subject: Annotated[list[str], option("URI", "What it is about; may be repeated, the first counts most.")],
    stream: Annotated[list[str], option("HEX", "Tag of a stream that it is filed in; may be repeated.")],
    body: Annotated[Path, option("FILE", "What is said: a JSON object; - for standard input.")],
    out: Annotated[Path, option("FILE", "Where to write the statement file.")],
    conceal: Conceal = None,
    reference: References = None,
    corrects: Corrects = None,
    seen: Annotated[
        Path | None, option("FILE", "The newest checkpoint that you hold, as the log signed it.")
    ] = None,
    iss: Iss = None,
    now: Now = None,
    passphrase_file: PassphraseFile = None,
    force: Force = False,
) -> None:
    """Sign a statement, with no server and no network, and print its id.

    What is concealed is hashed into the statement and travels beside it in the file: who is to read it gets
    it, and the signature holds without it too.

    Examples:

        corridor statement sign --key exporter.key --iss https://exporter.example --genesis genesis.json \\
            --kind seal-check --subject $TRIP --stream $TAG --body seal.json --out seal.statement
        corridor statement sign ... --body manifest.json --conceal /consignee --conceal /goods/0/value \\
            --reference replaces:$OLD --seen checkpoint.txt --out manifest.statement
    """
    from ledger.client.author import Author
    from ledger.domain.statement import Statement

    log = genesis_in(genesis)
    said = parse_body(body)
    tags = [from_hex(tag, 32, "--stream") for tag in stream]
    draft = draft_of(kind, subject, tags, said, references=reference, corrects=corrects)
    paths = [concealed_path(pointer, said) for pointer in conceal or ()]
    held = checkpoint_seen(seen, log)
    signer, organisation = signer_of(key, iss, passphrase_file)
    author = Author(signer, organisation, log.audience, system_clock if now is None else lambda: now)
    statement_file = author.sign(draft, held, paths)
    write_file(out, statement_file.encode(), force=force)
    say(Statement.parse(statement_file.statement).id.hex())


@group.command()
def show(
    *,
    file: Annotated[Path, argument("FILE", "The statement file.")],
    as_json: Json = False,
) -> None:
    """Show what a statement says, with what its disclosures reveal. Its signature is not checked here.

    Example:

        corridor statement show seal.statement
    """
    statement_file, statement = read_statement(file)
    with parsing(file):
        shown = _described(statement, statement_file.disclosures)
    if as_json:
        emit(shown)
    else:
        fields(_for_people(shown))


def _described(statement: "Statement", disclosures: Sequence[str]) -> dict[str, Any]:
    return {
        "id": statement.id.hex(),
        "envelope": statement.envelope.hex(),
        "kind": statement.kind,
        "iss": statement.iss,
        "iat": statement.iat,
        "kid": statement.kid.hex(),
        "alg": statement.alg.name.lower(),
        "aud": statement.aud,
        "subjects": list(statement.subjects),
        "streams": [tag.hex() for tag in statement.streams],
        "references": [{"rel": one.rel, "id": one.id.hex()} for one in statement.references],
        "corrects": None if statement.corrects is None else statement.corrects.hex(),
        "seen": {"size": statement.seen.size, "root": statement.seen.root.hex()},
        "disclosures": len(disclosures),
        "body": statement.reveal(disclosures),
    }


def _for_people(shown: Mapping[str, Any]) -> dict[str, str | list[str]]:
    seen = shown["seen"]
    nothing = "nothing yet" if seen["size"] == 0 else f"size {seen['size']}, root {seen['root']}"
    return {
        "id": shown["id"],
        "kind": shown["kind"],
        "by": f"{shown['iss']}, {shown['alg']} key {shown['kid']}; signature not checked",
        "signed at": f"{moment(shown['iat'])}, as claimed",
        "for": shown["aud"],
        "about": shown["subjects"],
        "streams": shown["streams"],
        "references": [f"{one['rel']} {one['id']}" for one in shown["references"]] or "none",
        "corrects": shown["corrects"] or "nothing",
        "seen": nothing,
        "disclosures": f"{shown['disclosures']}",
        "body": json.dumps(shown["body"], indent=2).split("\n"),
    }
