"""For which keys evidence is wrapped for an organisation: in its own signed words, and as they were before.

The service only hands on what the organisation signed, and whoever wraps a secret checks that. Which keys an
organisation signs with is the service's word, unless a trust file is asked; so whoever remembers the keys
catches a service that says something else one day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from ledger.client.http import wrong_answer
from ledger.client.memory import Memory
from ledger.client.service import MAX_RECEIPT, Service
from ledger.domain import fields, strict_json
from ledger.domain.cose import CoseKey
from ledger.domain.encryption_key import ENCRYPTION_KEY, EncryptionKey
from ledger.domain.errors import (
    ConflictError,
    CorridorError,
    MalformedError,
    VerificationError,
)
from ledger.domain.key_use import USE_STATEMENTS
from ledger.domain.statement import MAX_FILE_BYTES, Statement, StatementFile
from ledger.domain.subject import Subject
from ledger.verification.container import open_container
from ledger.verification.dossier import Dossier

CheckReceipt = Callable[[bytes], None]
"""Accepts a receipt file under a trust file, or raises."""
_FORMAT: Final = "corridor-readers/1"
_MAX_REMEMBERED: Final = 65_536


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads in an organisation's name.

    Args:
        organisation: Its URI.
        keys: Its encryption keys.
        statement: Id of the statement that says so, 32 bytes.
        signed_by: Thumbprint of the key that signed it, 32 bytes.
        is_new: Whether they were not remembered before.
    """

    organisation: str
    keys: EncryptionKey
    statement: bytes
    signed_by: bytes
    is_new: bool


def readers_of(
    service: Service,
    memory: Memory,
    organisation: str,
    *,
    accept_new: bool = False,
    check: CheckReceipt | None = None,
) -> Readers:
    """Return for which keys secrets are to be wrapped for an organisation, and remember them.

    Args:
        service: The ledger.
        memory: Of whoever asks.
        organisation: URI of the organisation.
        accept_new: Whether keys that are others than those remembered are taken.
        check: Verifies the receipt of the statement: then the service is not believed which keys sign for the
            organisation.

    Raises:
        NotFoundError: It has not said so, or does not take part.
        ConflictError: Code `new-encryption-key`: it has others than before.
        VerificationError: It did not sign what the service shows.
        UnavailableError: The service cannot be asked now.
    """
    # (1) What the organisation signed, about itself, for this log.
    path = f"/v1/organisations/{quote(organisation, safe=':/')}"
    answer = service.session.ask("GET", f"{path}/encryption-key", max_bytes=MAX_FILE_BYTES)
    try:
        statement = Statement.parse(StatementFile.parse(answer.data).statement)
        keys = EncryptionKey.parse(statement.body)
        subject = Subject.parse(statement.sub)
    except MalformedError as error:
        raise wrong_answer(error.message) from None
    if statement.kind != ENCRYPTION_KEY or statement.iss != organisation:
        raise wrong_answer(f"no statement {ENCRYPTION_KEY} of {organisation}")
    if statement.aud != service.genesis.audience:
        raise wrong_answer("a statement for another log")
    if subject.type != "organisation" or not any(
        subject.opened_by(organisation, tag) for tag in statement.streams
    ):
        raise wrong_answer("a statement about something else than the organisation itself")
    # (2) Signed with a key of its own.
    statement.verify(_key(service.session.ask("GET", path).json(), statement.kid))
    if check is not None:
        _check_receipt(service, f"{path}/encryption-key/receipt", statement.id, check)
    # (3) The same as before, or taken as new.
    found = Readers(organisation, keys, statement.id, statement.kid, is_new=True)
    return _compared(service, memory, found, accept_new=accept_new)


def _key(shown: dict[str, Any], kid: bytes) -> CoseKey:
    listed = shown.get("keys")
    for one in listed if isinstance(listed, list) else ():
        try:
            key = CoseKey.parse(fields.from_b64url(one["cose_key"], "cose_key"))
            use = one["use"]
        except (MalformedError, KeyError, TypeError):
            continue
        if key.thumbprint == kid and use == USE_STATEMENTS:
            return key
    raise VerificationError(
        "key-unknown",
        "the encryption key is signed with a key that the registry does not show as the organisation's",
    )


def _check_receipt(service: Service, path: str, identifier: bytes, check: CheckReceipt) -> None:
    data = service.session.ask("GET", path, max_bytes=MAX_RECEIPT).data
    try:
        made = Dossier.parse(open_container(data))
    except MalformedError as error:
        raise wrong_answer(error.message) from None
    if [Statement.parse(one.raw).id for one in made.statements] != [identifier]:
        raise wrong_answer("a receipt of another statement")
    check(data)


def _compared(service: Service, memory: Memory, found: Readers, *, accept_new: bool) -> Readers:
    document = strict_json.dumps(
        {"format": _FORMAT, "organisation": found.organisation, "keys": dict(found.keys.to_json())}
    )
    before = memory.readers_of(service.genesis, found.organisation)
    if before == document:
        return Readers(found.organisation, found.keys, found.statement, found.signed_by, is_new=False)
    if before is not None and not accept_new:
        raise ConflictError(
            "new-encryption-key",
            f"{found.organisation} has other encryption keys than when it was last asked: "
            f"{', '.join(found.keys.all)} now, {_shown(before)} before. Ask it by another way whether that "
            f"is so, and then: corridor organisation readers {found.organisation} --accept-new-key",
        )
    memory.remember_readers(service.genesis, found.organisation, document)
    return found


def _shown(before: bytes) -> str:
    try:
        keys = EncryptionKey.parse(strict_json.loads(before, max_bytes=_MAX_REMEMBERED)["keys"])
    except (CorridorError, KeyError, TypeError):
        return "others"
    return ", ".join(keys.all)
