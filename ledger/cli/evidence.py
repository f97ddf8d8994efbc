"""`corridor evidence add` and `send`: sealed on this machine, and sent as it is sealed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli import evidence_open, evidence_scrub
from ledger.cli.evidence_open import own_node
from ledger.cli.files import read_file, unreadable, write_file
from ledger.cli.options import Force, Iss, Json, Key, KeyIfAny, PassphraseFile, To, ToIfAny, argument, option
from ledger.cli.output import emit, fields, say
from ledger.cli.progress import counting
from ledger.cli.services import open_service
from ledger.domain.errors import NotFoundError, UnavailableError, UsageError

if TYPE_CHECKING:
    from ledger.client import Service

_MAX_RECIPIENTS_FILE = 262_144

Stores = Annotated[
    str | None,
    option(
        "NAMES", "Stores of the ledger that they go to, such as `local,ipfs`; all that it offers if absent."
    ),
]

group = typer.Typer(help="Scans, papers, clips: sealed, sent, fetched and opened.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group.command()(add)
    group.command()(send)
    evidence_open.register(group)
    evidence_scrub.register(group)
    app.add_typer(group, name="evidence")


def add(
    *,
    files: Annotated[list[Path], argument("FILE...", "The files, each an item of its own.")],
    media_type: Annotated[str, option("TYPE", "Media type of all of them, such as `image/png`.")],
    category: Annotated[str, option("TEXT", "What they are, such as `x-ray` or `seal-photo`.")],
    recipient: Annotated[
        list[str] | None,
        option("AGE", "Who may read them: `age1…` or an SSH public key; may be repeated."),
    ] = None,
    recipients_file: Annotated[
        Path | None, option("FILE", "File with a recipient in each line; `#` begins a comment.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for what comes of it.")] = Path(),
    body: Annotated[
        Path | None,
        option("FILE", "Where to write a body that claims them, for `corridor statement sign`."),
    ] = None,
    ipfs: Annotated[
        str | None,
        option("ADDR", "Keep them in your own IPFS node, by the multiaddr of its API; goes before --to."),
    ] = None,
    ipfs_announce: Annotated[
        bool, typer.Option("--ipfs-announce", help="Let your node tell the world which CIDs it has.")
    ] = False,
    stores: Stores = None,
    to: ToIfAny = None,
    key: KeyIfAny = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Seal files on this machine, each with a secret of its own, and send them to a ledger if one is named.

    For a file `scan.png` the folder gets `scan.png.item.json`, what a statement says of it;
    `scan.png.secret.age`, its secret for the recipients; and the sealed bytes under their CID, which go away
    once the ledger has them. The original is only read. Whoever has the secret can read the item: when its
    last copy is gone, nobody can.

    Examples:

        corridor evidence add scan.png --media-type image/png --category x-ray \\
            --recipients-file customs.txt --out sealed --body claim.json --to $URL --key port.key
        corridor evidence add *.jpg --media-type image/jpeg --category photo --recipient $AGE
        corridor evidence add clip.mp4 --media-type video/mp4 --category video --recipient $AGE \\
            --ipfs /ip4/127.0.0.1/tcp/5001
    """
    from ledger.domain.evidence import Label
    from ledger.evidence.sealing import recipients_of

    readers = [*(recipient or ()), *(_in_file(recipients_file) if recipients_file else ())]
    recipients_of(readers)
    labels = [Label.parse(media_type, category, file.name[:200]) for file in files]
    if len({file.name for file in files}) < len(files):
        raise UsageError("same-name", "two of the files have the same name; add them into different folders")
    if not out.is_dir():
        raise NotFoundError("no-folder", f"the folder {out} is not there; make it first")
    node = own_node(ipfs, announce=ipfs_announce)
    done = [_seal(file, label, readers, out, force=force) for file, label in zip(files, labels, strict=True)]
    if body is not None:
        claimed = json.dumps({"evidence": [one["item"] for one in done]}, indent=2)
        write_file(body, claimed.encode() + b"\n", force=force)
    if to is not None and node is None:
        with open_service(to, key, iss, passphrase_file) as service:
            for one in done:
                _send(service, out / one["item"]["cid"], stores)
                one["sent"] = True
    if node is not None:
        for one in done:
            node.take(out / one["item"]["cid"], one["item"]["cid"])
            one["ipfs"] = ipfs
    _show(done, as_json=as_json)


def send(
    *,
    files: Annotated[list[Path], argument("SEALED...", "Sealed files that `corridor evidence add` made.")],
    stores: Stores = None,
    to: To,
    key: Key,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Send sealed files to a ledger; what broke off goes on where it stopped. They go away once it has them.

    Example:

        corridor evidence send sealed/bafy* --to $URL --key port.key
    """
    with open_service(to, key, iss, passphrase_file) as service:
        for file in files:
            _send(service, file, stores)
    if as_json:
        emit([{"cid": file.name, "sent": True} for file in files])
    else:
        say(*(f"{file.name}  sent" for file in files))


def _seal(file: Path, label: Any, readers: Sequence[str], out: Path, *, force: bool) -> dict[str, Any]:
    from ledger.client.evidence import pieces_of, seal_into
    from ledger.evidence.sealing import wrap_secret

    with reading(file), counting(f"sealing {file.name}", as_bytes=True) as report:
        sealed = seal_into(out, pieces_of(file, report), label)
    paths = {"secret": out / f"{file.name}.secret.age", "item": out / f"{file.name}.item.json"}
    item = sealed.item.to_json()
    try:
        # The secret first: an item that nobody can open is worse than none.
        write_file(paths["secret"], wrap_secret(sealed.secret, readers), force=force)
        write_file(paths["item"], json.dumps(item, indent=2).encode() + b"\n", force=force)
    except BaseException:
        (out / sealed.item.cid).unlink(missing_ok=True)
        raise
    return {"file": str(file), "item": item, "secret": str(paths["secret"]), "sent": False}


def _send(service: "Service", sealed: Path, stores: str | None) -> None:
    from ledger.client.evidence import send as send_sealed

    with reading(sealed), counting(f"sending {sealed.name}", as_bytes=True) as report:
        send_sealed(service, sealed, report=report, stores=stores)
        sealed.unlink()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of which file the system complains while a block works on it."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename) == path:
            raise unreadable(path, "the file", error) from None
        message = f"{error.filename} cannot be written: {error.strerror or error}"
        raise UnavailableError("cannot-write", message) from None


def _in_file(path: Path) -> list[str]:
    data = read_file(path, "the recipients file", max_bytes=_MAX_RECIPIENTS_FILE)
    try:
        lines = [line.strip() for line in data.decode().splitlines()]
    except UnicodeDecodeError:
        raise UsageError("recipients", f"{path} is no text with a recipient in each line") from None
    return [line for line in lines if line and not line.startswith("#")]


def _show(done: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        emit(done)
        return
    for one in done:
        fields(
            {
                "file": one["file"],
                "cid": one["item"]["cid"],
                "commitment": one["item"]["commitment"],
                "secret": one["secret"],
                "sent": "yes" if one["sent"] else f"no: it lies sealed in {one.get('ipfs', 'the folder')}",
            }
        )
