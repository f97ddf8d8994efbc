"""From a command line and the files that it names to statements."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.cli.files import parsing, read_file
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.domain.genesis import Genesis
    from ledger.domain.statement import Draft, Reference, Seen, Statement, StatementFile


def parse_body(path: Path) -> dict[str, Any]:
    """Return the JSON object that a statement is to say.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
        UsageError: It is longer than a statement may be, or no object.
        MalformedError: It is not strict JSON.
    """
    from ledger.domain import strict_json
    from ledger.domain.statement_payload import MAX_BYTES

    data = read_file(path, "the body", max_bytes=MAX_BYTES)
    with parsing(path):
        value = strict_json.loads(data, max_bytes=MAX_BYTES)
    if not isinstance(value, dict):
        raise UsageError("bad-body", f"{path} must hold a JSON object")
    return value


def draft_of(
    kind: str,
    subjects: Sequence[str],
    streams: Sequence[bytes],
    body: Mapping[str, Any],
    *,
    references: Sequence[str] | None,
    corrects: str | None,
) -> "Draft":
    """Return what is to be signed, from how the command line says it.

    Args:
        kind: What is said.
        subjects: URIs.
        streams: Tags.
        body: What is said.
        references: Each `REL:ID`.
        corrects: Id of the statement that is corrected, in hex.

    Raises:
        UsageError: A reference has no colon.
        MalformedError: A relation or an id has a wrong form.
    """
    from ledger.domain.statement import Draft

    return Draft(
        kind=kind,
        subjects=subjects,
        streams=streams,
        body=body,
        references=[parse_reference(text) for text in references or ()],
        corrects=None if corrects is None else from_hex(corrects, 32, "--corrects"),
    )


def parse_reference(text: str) -> "Reference":
    """Return the reference that `REL:ID` says.

    Raises:
        UsageError: It has no colon.
        MalformedError: The relation or the id has a wrong form.
    """
    from ledger.domain.statement import Reference
    from ledger.domain.statement_payload import name_of_kind

    rel, colon, identifier = text.partition(":")
    if not colon:
        raise UsageError("bad-reference", f"--reference must be REL:ID, and {text[:80]} has no colon")
    return Reference(name_of_kind(rel, "--reference"), from_hex(identifier, 32, "--reference"))


def concealed_path(pointer: str, body: Mapping[str, Any]) -> list[str | int]:
    """Return the way to a value that a JSON Pointer names (RFC 6901).

    Args:
        pointer: As `/goods/0/value`.
        body: What it leads into, which says where a number is a place in an array.

    Raises:
        UsageError: It is no pointer, or leads nowhere.
    """
    if not pointer.startswith("/"):
        raise UsageError(
            "bad-pointer", f"--conceal must be a JSON Pointer like /goods/0/value, not {pointer[:80]}"
        )
    path: list[str | int] = []
    here: Any = body
    for part in pointer[1:].split("/"):
        step: str | int = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and part.isascii() and part.isdigit() and str(int(part[:20])) == part:
            step = int(part)
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            raise UsageError("bad-pointer", f"the body has nothing at {pointer[:80]} to conceal") from None
        path.append(step)
    return path


def checkpoint_seen(path: Path | None, genesis: "Genesis") -> "Seen":
    """Return what a signer says of the log: the checkpoint in a file, once its signature was checked.

    Args:
        path: A checkpoint as the log signed it; None for a signer who holds none.
        genesis: The log's genesis document, which names its key.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
        UsageError: It is too long.
        MalformedError: It is no checkpoint.
        VerificationError: The log did not sign it.
    """
    from ledger.domain.checkpoint import open_checkpoint
    from ledger.domain.note import MAX_NOTE, VerifierKey
    from ledger.domain.statement import Seen

    if path is None:
        return Seen(0, genesis.hash)
    note = read_file(path, "the checkpoint", max_bytes=MAX_NOTE)
    with parsing(path):
        checkpoint = open_checkpoint(note, [VerifierKey.parse(genesis.log_key)]).checkpoint
    return Seen(checkpoint.size, checkpoint.root)


def read_statement(path: Path) -> "tuple[StatementFile, Statement]":
    """Read a statement file, and the statement in it.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
        UsageError: It is too long.
        MalformedError: It is not one.
    """
    from ledger.domain.statement import MAX_FILE_BYTES, Statement, StatementFile

    data = read_file(path, "the statement file", max_bytes=MAX_FILE_BYTES)
    with parsing(path):
        statement_file = StatementFile.parse(data)
        return statement_file, Statement.parse(statement_file.statement)
