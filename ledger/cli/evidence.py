"""`corridor evidence add` and `send`: sealed on this machine, and sent as it is sealed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli import (
    evidence_erase,
    evidence_leave,
    evidence_open,
    evidence_read,
    evidence_scrub,
    evidence_share,
)
from ledger.cli.evidence_open import own_node
from ledger.cli.files import unreadable, write_file
from ledger.cli.options import Force, Iss, Json, Key, KeyIfAny, PassphraseFile, To, ToIfAny, argument, option
from ledger.cli.output import emit, fields, say
from ledger.cli.progress import counting
from ledger.cli.readers import keep, own_keys, recipients_in
from ledger.cli.services import open_service
from ledger.domain.errors import NotFoundError, UnavailableError, UsageError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.domain.evidence import EvidenceItem, Label

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
    evidence_read.register(group)
    evidence_erase.register(group)
    evidence_scrub.register(group)
    evidence_share.register(group)
    evidence_leave.register(group)
    app.add_typer(group, name="evidence")


def add(
    *,
    files: Annotated[list[Path], argument("FILE...", "The files, each an item of its own.")],
    media_type: Annotated[str, option("TYPE", "Media type of all of them, such as `image/png`.")],
    category: Annotated[
        str, option("TEXT", "What they are, by the corridor's profile, such as `scan` or `seal`.")
    ],
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

    With --to they are wrapped for your own organisation, too, when it has said for which keys (`corridor
    organisation encryption-key`), and the ledger keeps that: for `corridor evidence share`, later.

    Examples:

        corridor evidence add scan.png --media-type image/png --category scan \\
            --recipients-file customs.txt --out sealed --body claim.json --to $URL --key port.key
        corridor evidence add *.jpg --media-type image/jpeg --category photo --recipient $AGE
        corridor evidence add clip.mp4 --media-type video/mp4 --category video --recipient $AGE \\
            --ipfs /ip4/127.0.0.1/tcp/5001
    """
    from ledger.domain.evidence import Label
    from ledger.evidence.sealing import recipients_of

    readers = [*(recipient or ()), *(recipients_in(recipients_file) if recipients_file else ())]
    labels = [Label.parse(media_type, category, file.name[:200]) for file in files]
    if len({file.name for file in files}) < len(files):
        raise UsageError("same-name", "two of the files have the same name; add them into different folders")
    if not out.is_dir():
        raise NotFoundError("no-folder", f"the folder {out} is not there; make it first")
    node = own_node(ipfs, announce=ipfs_announce)
    with ExitStack() as stack:
        service, own = None, tuple[str, ...]()
        if to is not None and node is None:
            if key is None:
                message = "to send it, give the key of your organisation: --key; without --to nothing is sent"
                raise UsageError("no-key", message, field="--key")
            service = stack.enter_context(open_service(to, key, iss, passphrase_file))
            own = own_keys(service, needed=not readers)
        readers = list(dict.fromkeys((*readers, *own)))
        recipients_of(readers)
        sealed = [
            _seal(file, label, readers, out, force=force) for file, label in zip(files, labels, strict=True)
        ]
        done = [one.described for one in sealed]
        if body is not None:
            claimed = json.dumps({"evidence": [one["item"] for one in done]}, indent=2)
            write_file(body, claimed.encode() + b"\n", force=force)
        for one in sealed:
            path = out / one.item.cid
            if service is not None:
                _send(service, path, stores)
                one.described["sent"] = True
                keep(service, one.item, one.secret, own)
            if node is not None:
                node.take(path, one.item.cid)
                one.described["ipfs"] = ipfs
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


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A sealed file: what is said of it, what is printed, and its secret."""

    item: "EvidenceItem"
    described: dict[str, Any]
    secret: bytes = field(repr=False)


def _seal(file: Path, label: "Label", readers: Sequence[str], out: Path, *, force: bool) -> _Sealed:
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
    described = {"file": str(file), "item": item, "secret": str(paths["secret"]), "sent": False}
    return _Sealed(sealed.item, described, sealed.secret)


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
