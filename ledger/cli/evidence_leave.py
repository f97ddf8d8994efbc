"""`corridor evidence leave`: secrets on this machine, left with the ledger for one's own organisation."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.evidence_open import item_in
from ledger.cli.evidence_share import IdentityFile, wrapped_anew
from ledger.cli.files import read_file
from ledger.cli.options import Iss, Json, Key, PassphraseFile, To, argument, option
from ledger.cli.output import result, warn
from ledger.cli.readers import own_readers
from ledger.cli.services import open_service
from ledger.cli.verdicts import identities_in
from ledger.domain.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.domain.wrapped import WrappedSecret

_END = ".secret.age"
_MAX_SECRET = 65_536
_REFUSED = 1


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command()(leave)


def leave(
    *,
    secrets: Annotated[
        list[Path],
        argument("SECRET...", "Files `*.secret.age` of `corridor evidence add`, or of a drop's `secrets`."),
    ],
    identity: IdentityFile,
    subject: Annotated[
        list[str] | None,
        option("URI", "Where to look for items whose file `*.item.json` is not beside; may be repeated."),
    ] = None,
    to: To,
    key: Key,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Let the ledger keep secrets that lie here, for your own organisation, which can share them then.

    They are opened here and wrapped for the keys that your organisation has said (`corridor organisation
    encryption-key`); the ledger can open none of them. What it has already is replaced. The files stay. Exit
    code 1 when some are not left: not for this identity, erased, or not your items.

    Examples:

        corridor evidence leave sealed/*.secret.age --identity exporter.age --to $URL --key exporter.key
        corridor evidence leave state/secrets/*.secret.age --identity port.age --to $URL --key port.key
    """
    from ledger.client.sharing import leave as leave_all
    from ledger.evidence.sealing import recipients_of

    identities = identities_in(identity)
    with open_service(to, key, iss, passphrase_file) as service:
        own = own_readers(service)
        if own is None:
            message = "your organisation has not said its keys: first `corridor organisation encryption-key`"
            raise UsageError("recipients", message)
        targets = recipients_of(own.keys.all)
        found = _items(service, secrets, subject or ())
        done, lost = wrapped_anew(found, identities, targets)
        for cid, why in leave_all(service, done):
            lost.append(cid)
            warn(f"{cid}: {why.message} [{why.code}]")
    result({"left": len(found) - len(lost), "not_left": lost}, as_json=as_json)
    if lost:
        raise typer.Exit(_REFUSED)


def _items(service: "Service", paths: Sequence[Path], subjects: Sequence[str]) -> "list[WrappedSecret]":
    """Return the secrets of files with the items that they are of."""
    from ledger.client.keeping import claims_in
    from ledger.domain.wrapped import WrappedSecret

    me = service.session.iss
    assert me is not None
    claimed = {one.item.cid: one.item for uri in subjects for one in claims_in(service, uri, me)}
    found: dict[str, WrappedSecret] = {}
    for path in paths:
        name = path.name.removesuffix(_END)
        beside = path.with_name(f"{name}.item.json")
        item = item_in(beside) if beside.is_file() else claimed.get(name)
        if item is None:
            message = (
                f"nothing says of which item {path} is: {beside.name} is not beside it, and no --subject"
            )
            raise NotFoundError("no-item", f"{message} that you claim it about was given")
        wrapped = read_file(path, "the item's secret", max_bytes=_MAX_SECRET)
        found[item.cid] = WrappedSecret(item.commitment, item.cid, wrapped)
    return list(found.values())
