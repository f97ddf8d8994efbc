"""`corridor evidence get`, `check` and `sweep`: opened on this machine, compared with what was stated."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from ledger.cli.files import new_file, parsing, read_file, unreadable
from ledger.cli.options import Data, Force, Iss, Json, KeyToRead, PassphraseFile, ToIfAny, argument, option
from ledger.cli.output import result
from ledger.cli.progress import counting
from ledger.cli.services import open_service
from ledger.domain.errors import CorridorError, NotFoundError, PolicyError, UsageError, VerificationError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.domain.evidence import EvidenceItem
    from ledger.evidence.ipfs_store import IpfsStore

_MAX_ITEM = 65_536
_MAX_SECRET = 65_536
_CHUNK = 1_048_576

Secret = Annotated[
    Path, option("FILE", "The item's secret, wrapped for you: a file `….secret.age`.", "--secret")
]
Identity = Annotated[
    Path,
    option("FILE", "Your age identity, or your SSH private key.", "--identity", envvar="CORRIDOR_IDENTITY"),
]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command()(get)
    group.command()(check)
    group.command()(sweep)


def get(
    *,
    item: Annotated[str, argument("ITEM", "File of the evidence item; or a CID: the bytes stay sealed.")],
    out: Annotated[Path, option("FILE", "Where to write it.")],
    secret: Annotated[
        Path | None, option("FILE", "The item's secret, wrapped for you: a file `….secret.age`.")
    ] = None,
    identity: Annotated[
        Path | None,
        option("FILE", "Your age identity, or your SSH private key.", envvar="CORRIDOR_IDENTITY"),
    ] = None,
    sealed: Annotated[
        Path | None, option("FILE", "The sealed bytes, if you have them; else they are fetched.")
    ] = None,
    ipfs: Annotated[
        str | None,
        option("ADDR", "Fetch them from an IPFS node, by the multiaddr of its API; goes before --to."),
    ] = None,
    to: ToIfAny = None,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Fetch an item, open it on this machine, and write it if it is what was stated.

    Without --secret, the ledger is asked for the one that it keeps for you.

    Examples:

        corridor evidence get scan.png.item.json --identity customs.age --to $URL --key customs.key \\
            --out scan.png
        corridor evidence get scan.png.item.json --secret scan.png.secret.age --identity customs.age \\
            --to $URL --key customs.key --out scan.png
        corridor evidence get $CID --to $URL --key customs.key --out sealed.age
    """
    from ledger.client.evidence import fetch
    from ledger.domain.evidence import checked_cid

    path = Path(item)
    stated = item_in(path) if path.is_file() else None
    cid = checked_cid(item) if stated is None else stated.cid
    if stated is None and (secret is not None or sealed is not None):
        raise UsageError("no-item", f"to open it, name the file of the item; there is no file {item}")
    asks = stated is not None and secret is None
    if asks and to is None:
        message = "to open it, give the item's --secret, or --to with the ledger that keeps it for you"
        raise UsageError("no-secret", message)
    stored: Callable[[], Iterable[bytes]]
    with ExitStack() as stack:
        file = stack.enter_context(new_file(out, force=force))
        node, service = own_node(ipfs, announce=True), None
        if asks or (node is None and sealed is None):
            service = stack.enter_context(open_service(to, key, iss, passphrase_file))
        secrets = [] if stated is None else _secrets(stated, secret, identity, service)
        if node is not None:
            stored = partial(_in_node, node, cid)
        elif sealed is not None:
            stored = partial(_chunks, sealed)
        else:
            assert service is not None
            # Beside the result, for there has to be room for it anyway.
            fetched = stack.enter_context(TemporaryFile(dir=out.parent))
            with counting(f"fetching {cid}", as_bytes=True) as report:
                fetch(service, cid, fetched, report)
            stored = partial(_again, fetched)
        if stated is None:
            for chunk in stored():
                file.write(chunk)
        else:
            _open(stated, secrets, stored, file)
    described: dict[str, Any] = {"file": str(out), "cid": cid}
    if stated is not None:
        described |= {"size": stated.size, "commitment": stated.commitment.hex()}
    result(described, as_json=as_json)


def check(
    *,
    file: Annotated[Path, argument("FILE", "The file.")],
    item: Annotated[Path, option("FILE", "The evidence item, as a statement has it.")],
    secret: Secret,
    identity: Identity,
    as_json: Json = False,
) -> None:
    """Tell whether a file is the one that an evidence item commits to. Exit code 1 when it is not.

    Example:

        corridor evidence check scan.png --item scan.png.item.json --secret scan.png.secret.age \\
            --identity customs.age
    """
    from ledger.domain.evidence import derive_salt

    stated = item_in(item)
    stated.verify(derive_salt(secret_in(secret, identity)), _chunks(file))
    result({"file": str(file), "commitment": stated.commitment.hex(), "same": True}, as_json=as_json)


def sweep(
    *,
    data: Data,
    as_json: Json = False,
) -> None:
    """Remove what no statement claimed in time. A running ledger does so by itself.

    Example:

        corridor evidence sweep --data data
    """
    from ledger.assembly import evidence_room
    from ledger.catalogue.catalogue import Catalogue
    from ledger.cli.data import open_log, settings_of
    from ledger.domain.clock import system_clock

    with open_log(data) as store:
        room = evidence_room(settings_of(data), store.engine, system_clock)
        swept = room.sweep(Catalogue(store, system_clock).catch_up)
    result({"removed": len(swept), "cids": swept}, as_json=as_json)


def own_node(ipfs: str | None, *, announce: bool) -> "IpfsStore | None":
    """Return the store in somebody's own IPFS node, if one is named.

    Args:
        ipfs: Multiaddr of the node's API.
        announce: Whether the node may tell the world which CIDs it has.

    Raises:
        UsageError: The node would announce, the address is none, or the extra `server` is not installed.
        UnavailableError: The node cannot be asked.
    """
    if ipfs is None:
        return None
    try:
        from ledger.evidence.ipfs_store import IpfsStore
    except ImportError:
        message = "--ipfs needs the extra `server`: pip install 'corridor-ledger[server]'"
        raise UsageError("extra-missing", message) from None
    node = IpfsStore(ipfs, announce=announce)
    node.check()
    return node


def item_in(path: Path) -> "EvidenceItem":
    """Return the evidence item in a file; raises as `read_file`, and MalformedError when it is none."""
    from ledger.domain import strict_json
    from ledger.domain.evidence import EvidenceItem

    data = read_file(path, "the evidence item", max_bytes=_MAX_ITEM)
    with parsing(path):
        return EvidenceItem.parse(strict_json.loads(data, max_bytes=_MAX_ITEM))


def _open(
    item: "EvidenceItem", secrets: Sequence[bytes], stored: Callable[[], Iterable[bytes]], file: BinaryIO
) -> None:
    """Write an item, opened with the one of several secrets that is its own."""
    from ledger.verification.sealed import open_sealed

    *others, last = secrets
    for secret in others:
        try:
            open_sealed(item, secret, stored(), file.write)
        except (UsageError, VerificationError):
            file.seek(0)
            file.truncate()
        else:
            return
    open_sealed(item, last, stored(), file.write)


def _secrets(
    item: "EvidenceItem", secret: Path | None, identity: Path | None, service: "Service | None"
) -> list[bytes]:
    """Return what may be the secret of an item, out of a file or as the ledger keeps it."""
    if secret is not None or service is None:
        return [secret_in(secret, identity)]
    from ledger.cli.verdicts import identities_in
    from ledger.client.sharing import secrets_of

    if identity is None:
        message = "to open it, give your --identity; a session brings the bytes, and opens nothing sealed"
        raise UsageError("no-identity", message)
    try:
        return secrets_of(service, item.commitment, identities_in(identity))
    except NotFoundError as error:
        if error.code == "no-secret":
            # Erased, there is no owner to ask for it: the ledger says so to those who might read it.
            _check_kept(service, item.cid)
        raise


def _check_kept(service: "Service", cid: str) -> None:
    """Return unless an item was erased; whatever else keeps it from being given out is no matter here."""
    try:
        service.session.ask("GET", f"/v1/evidence/{cid}", headers={"Range": "bytes=0-0"})
    except CorridorError as error:
        if error.code == "erased":
            raise


def secret_in(secret: Path | None, identity: Path | None) -> bytes:
    """Return an item's secret, opened with an identity; UsageError when one of the two is not given."""
    from ledger.cli.verdicts import identities_in
    from ledger.verification.sealed import unwrap_secret

    if secret is None or identity is None:
        raise UsageError("no-secret", "to open it, give the item's --secret and your --identity")
    wrapped = read_file(secret, "the item's secret", max_bytes=_MAX_SECRET)
    opened = unwrap_secret(wrapped, identities_in(identity))
    if opened is None:
        raise PolicyError("not-for-you", f"{secret} is wrapped for others than the identity in {identity}")
    return opened


def _in_node(node: "IpfsStore", cid: str) -> Iterable[bytes]:
    return node.open(cid).chunks


def _again(file: BinaryIO) -> Iterable[bytes]:
    file.seek(0)
    return iter(lambda: file.read(_CHUNK), b"")


def _chunks(path: Path) -> Iterable[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise unreadable(path, "the file", error) from None
