"""Secrets of evidence, wrapped anew for another reader: on this machine, and kept by the ledger.

The sealed bytes stay as they are. What is wrapped here nobody but its reader can open, the ledger included.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from ledger.client.http import Report, no_report, wrong_answer
from ledger.client.service import Service
from ledger.domain import fields, strict_json
from ledger.domain.disclosure_record import MAX_ITEMS
from ledger.domain.errors import CorridorError, MalformedError, NotFoundError, PolicyError, UsageError
from ledger.domain.evidence import derive_salt
from ledger.domain.wrapped import MAX_AT_ONCE, Batch, WrappedSecret
from ledger.evidence.sealing import Recipient, recipients_of, wrap_for
from ledger.verification.sealed import Identity, unwrap_secret

SECRETS: Final = "/v1/evidence/secrets"
Record = Callable[[Sequence[bytes]], bytes]
"""Puts on record which items, by commitment, are made readable, and returns the statement's id."""
_NEVER: Final = ("erased", "item-of-another")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A secret as the ledger keeps it.

    Args:
        secret: Wrapped.
        category: Of the item, None while no statement claims it.
        giver: URI of the organisation that wrapped it.
        record: Id of the statement that tells of it, in hex; None when it is one's own.
    """

    secret: WrappedSecret
    category: str | None
    giver: str
    record: str | None

    @classmethod
    def parse(cls, value: Any) -> "Fetched":
        """Read one as a service shows it.

        Raises:
            VerificationError: It is none.
        """
        try:
            parts = {name: value[name] for name in ("commitment", "cid", "wrapped")}
            category, record = value["category"], value["record"]
            if not all(one is None or isinstance(one, str) for one in (category, record)):
                raise wrong_answer("a secret whose members have other types")
            giver = fields.organisation(value["from"], "from")
            return cls(WrappedSecret.parse(parts), category, giver, record)
        except (MalformedError, KeyError, TypeError) as error:
            raise wrong_answer(f"something else than a wrapped secret ({error})") from None


def received(
    service: Service, *, subject: str | None = None, commitment: bytes | None = None
) -> Iterator[Fetched]:
    """Yield the secrets that one's organisation may open now, by commitment.

    Args:
        service: The ledger.
        subject: Only of items that are claimed about this subject.
        commitment: Only of this item, 32 bytes.

    Raises:
        NotFoundError: There is no such subject, or it is not for you to read.
        UnavailableError: The service cannot be asked now.
    """
    wanted = {
        "subject": subject,
        "commitment": None if commitment is None else commitment.hex(),
        "limit": "200",
    }
    return map(Fetched.parse, service.items(SECRETS, wanted))


def given(service: Service, to: str, *, subject: str | None = None) -> Iterator[Fetched]:
    """Yield what one's organisation gave to another one; raises as `received`."""
    wanted = {"role": "given", "to": to, "subject": subject, "limit": "200"}
    return map(Fetched.parse, service.items(SECRETS, wanted))


def secrets_of(service: Service, commitment: bytes, identities: Sequence[Identity]) -> list[bytes]:
    """Return what was given as the secret of an item, opened here; which of them it is shows when it is used.

    Whoever claims an item in a statement can hand over something, and so repeat another's claim and hand over
    anything.

    Args:
        service: The ledger.
        commitment: Of the item, 32 bytes.
        identities: age identities of the reader.

    Raises:
        NotFoundError: The ledger has none for you.
        PolicyError: What it has is wrapped for other keys.
    """
    found = list(received(service, commitment=commitment))
    if not found:
        raise NotFoundError(
            "no-secret",
            f"the ledger has no secret for you of the item {commitment.hex()}: ask its owner to share it",
        )
    opened = [unwrap_secret(one.secret.wrapped, identities) for one in found]
    secrets = list(dict.fromkeys(one for one in opened if one is not None))
    if not secrets:
        raise PolicyError(
            "not-for-you",
            "the secrets that the ledger has for you are wrapped for other keys than this identity",
        )
    return secrets


def rewrapped(
    secret: WrappedSecret, identities: Sequence[Identity], recipients: Sequence[Recipient]
) -> WrappedSecret:
    """Return a secret wrapped for other keys.

    Args:
        secret: Wrapped for one of the identities.
        identities: age identities.
        recipients: Who shall open it, as `recipients_of` returns them.

    Raises:
        PolicyError: It is wrapped for others than the identities, or is no item's secret.
    """
    opened = unwrap_secret(secret.wrapped, identities)
    if opened is None:
        message = f"the secret of {secret.cid} is wrapped for others than the identity given"
        raise PolicyError("not-for-you", message)
    try:
        derive_salt(opened)
    except UsageError:
        message = f"what is kept as the secret of {secret.cid} is none; hand over your own copy of it"
        raise PolicyError("not-a-secret", message) from None
    return WrappedSecret(secret.commitment, secret.cid, wrap_for(opened, recipients))


def hand_over(service: Service, for_: str, secrets: Sequence[WrappedSecret], record: bytes | None) -> int:
    """Bring wrapped secrets to the ledger, as many at a time as it takes; the same again does no harm.

    Returns how many of them the organisation may not see yet, so that the ledger keeps them back.

    Args:
        service: The ledger.
        for_: URI of the organisation that they are wrapped for.
        secrets: The secrets.
        record: Id of the statement that tells of it, None when they are for oneself.

    Raises:
        CorridorError: The ledger refuses them, and why.
        UnavailableError: The service cannot be asked now.
    """
    waiting = 0
    for part in parts_of(secrets, MAX_AT_ONCE):
        content = strict_json.dumps(Batch(for_, record, tuple(part)).to_json())
        headers = {"Content-Type": "application/json"}
        answer = service.session.ask("POST", SECRETS, content=content, headers=headers).json()
        held = answer.get("waiting")
        if answer.get("stored") != len(part) or type(held) is not int or not 0 <= held <= len(part):
            raise wrong_answer("another number of secrets than was sent")
        waiting += held
    return waiting


def leave(service: Service, secrets: Sequence[WrappedSecret]) -> list[tuple[str, CorridorError]]:
    """Let the ledger keep secrets for one's own organisation, which has to be able to share them one day.

    Args:
        service: The ledger.
        secrets: Wrapped for one's own organisation.

    Returns:
        The CIDs of items whose secrets the ledger will never keep, and why: they were erased, or are not
        one's own.

    Raises:
        CorridorError: The ledger refuses them for another reason.
        UnavailableError: The service cannot be asked now.
    """
    organisation = service.session.iss
    assert organisation is not None
    try:
        hand_over(service, organisation, secrets, None)
    except CorridorError as error:
        if error.code not in _NEVER:
            raise
        if len(secrets) == 1:
            return [(secrets[0].cid, error)]
        # It takes all or none: those that can be taken are found one by one.
        return [lost for one in secrets for lost in leave(service, [one])]
    return []


def share(
    service: Service,
    to: str,
    recipients: Sequence[str],
    *,
    secrets: Sequence[WrappedSecret],
    identities: Sequence[Identity],
    record: Record,
    report: Report = no_report,
) -> int:
    """Make items readable for another organisation; return how many of them it may not see yet.

    What breaks off can be done again: whatever was handed over stays so.

    Args:
        service: The ledger.
        to: URI of the organisation.
        recipients: Its keys.
        secrets: Of the items, wrapped for oneself.
        identities: age identities to open those with.
        record: Puts on record which items are made readable, before they are.
        report: Is told how far it is.

    Raises:
        UsageError: A recipient is none.
        PolicyError: A secret cannot be opened with the identities; see `rewrapped`.
        CorridorError: The ledger refuses something, and why.
        UnavailableError: The service cannot be asked now.
    """
    targets, done, waiting = recipients_of(recipients), 0, 0
    for part in parts_of(secrets, MAX_ITEMS):
        # All are wrapped before anything is put on record: what cannot be opened is not said to be shared.
        wrapped = []
        for one in part:
            wrapped.append(rewrapped(one, identities, targets))
            report(done + len(wrapped), len(secrets))
        waiting += hand_over(service, to, wrapped, record([one.commitment for one in wrapped]))
        done += len(wrapped)
    return waiting


def parts_of(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield values in lists of so many."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
