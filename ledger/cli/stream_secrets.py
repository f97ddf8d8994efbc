"""Files with the secret of a stream: whoever holds one can become a member of the stream."""

from pathlib import Path

from ledger.cli.files import parsing, read_file

FORMAT = "corridor-stream/1"
_MEMBERS = ("format", "subject", "name", "tag", "secret")
_MAX_BYTES = 4096


def write_secret(path: Path, subject: str, name: str, secret: bytes) -> None:
    """Write a secret into a new file that only its owner can read.

    Args:
        path: Where; nothing may be there yet.
        subject: URI of the subject that the stream is of.
        name: Of the stream, such as `custody`.
        secret: 16 bytes.

    Raises:
        ConflictError: Something is there already.
        NotFoundError: The folder is not there.
        UnavailableError: The folder cannot be written to, or the disk is full.
    """
    from ledger.domain.strict_json import dumps
    from ledger.domain.subject import stream_tag
    from ledger.keys.secret_file import write_new

    tag = stream_tag(secret)
    members = {"format": FORMAT, "subject": subject, "name": name, "tag": tag.hex(), "secret": secret.hex()}
    write_new(path, dumps(members) + b"\n")


def read_secret(path: Path) -> bytes:
    """Return the secret in a file, 16 bytes.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
        UsageError: It is too long.
        MalformedError: It holds no secret, or not that of the stream it names.
    """
    from ledger.domain import fields
    from ledger.domain.errors import MalformedError
    from ledger.domain.strict_json import loads
    from ledger.domain.subject import SECRET_SIZE, stream_tag

    data = read_file(path, "the secret", max_bytes=_MAX_BYTES)
    with parsing(path):
        members = fields.exactly(loads(data, max_bytes=_MAX_BYTES), _MEMBERS, "the secret")
        if members["format"] != FORMAT:
            raise MalformedError("unknown-format", f"the secret must have format {FORMAT}", field="format")
        secret = fields.from_hex(members["secret"], SECRET_SIZE, "secret")
        if stream_tag(secret).hex() != members["tag"]:
            raise MalformedError("wrong-secret", "the secret is not that of the stream it names", field="tag")
    return secret
