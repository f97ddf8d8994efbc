"""Leaving secrets with the ledger, for the organisation whose device took the files: it shares them later.

(1) which      items whose sealed bytes the ledger has
(2) for whom   the organisation's own encryption keys, as it signed them, and as they were before
(3) leave      as many at a time as the ledger takes
(4) forget     what it keeps, and what it will never keep
"""

from collections.abc import Collection
from typing import Final

from ledger.client.memory import Memory
from ledger.client.recipients import Readers, readers_of
from ledger.client.service import Service
from ledger.client.sharing import leave, parts_of
from ledger.domain.errors import ConflictError, CorridorError, MalformedError, NotFoundError
from ledger.domain.wrapped import WrappedSecret
from ledger.drops.own_secrets import OwnSecrets
from ledger.evidence.sealing import recipients_of, wrap_for
from ledger.storage.faults import Fault

_AT_ONCE: Final = 100

Lost = tuple[str, CorridorError]
"""CID of an item whose secret the ledger does not keep, and why."""


def own_readers(service: Service, memory: Memory, *, accept_new: bool = False) -> Readers | None:
    """Return the encryption keys of a device's own organisation; None when it has said none.

    Args:
        service: The ledger.
        memory: Of the drop.
        accept_new: Whether keys that are others than before are taken.

    Raises:
        ConflictError: Code `new-encryption-key`: they are others than before.
        CorridorError: See `readers_of`.
    """
    organisation = service.session.iss
    assert organisation is not None
    try:
        return readers_of(service, memory, organisation, accept_new=accept_new)
    except NotFoundError as error:
        if error.code != "no-encryption-key":
            raise
        return None
    except ConflictError as error:
        message = (
            f"{organisation} has other encryption keys than when this drop last asked: make sure that it is "
            "so, and then: corridor drop accept-keys; until then secrets of new items wait here"
        )
        raise ConflictError(error.code, message) from None


def leave_secrets(
    service: Service, memory: Memory, own: OwnSecrets, cids: Collection[str], fault: Fault
) -> list[Lost]:
    """Leave secrets with the ledger, and forget them here; also when nobody said for which keys.

    Args:
        service: The ledger.
        memory: Of the drop.
        own: What waits.
        cids: Of items that the ledger has.
        fault: Lets a test fail or end a step: `leave.kept`, `leave.forgotten`.

    Returns:
        What the ledger does not keep, and why: as of erased items.

    Raises:
        ConflictError: See `own_readers`; all of them wait.
        CorridorError: The keys cannot be had, or the ledger takes nothing now; the rest waits.
        UnavailableError: Nobody is there, or the drop's folder cannot be written; the rest waits.
    """
    if not cids:
        return []
    readers = own_readers(service, memory)
    lost: list[Lost] = []
    for part in parts_of(sorted(cids), _AT_ONCE):
        if readers is not None:
            lost += _left(service, own, part, readers.keys.all)
        fault("leave.kept")
        for cid in part:
            own.remove(cid)
        fault("leave.forgotten")
    return lost


def _left(service: Service, own: OwnSecrets, cids: list[str], keys: tuple[str, ...]) -> list[Lost]:
    targets, wrapped, lost = recipients_of(keys), list[WrappedSecret](), list[Lost]()
    for cid in cids:
        try:
            item, secret = own.open(cid)
        except MalformedError as error:
            # It cannot be read tomorrow either. Its reader has it in `secrets`.
            lost.append((cid, error))
        else:
            wrapped.append(WrappedSecret(item.commitment, item.cid, wrap_for(secret, targets)))
    return lost + leave(service, wrapped)
