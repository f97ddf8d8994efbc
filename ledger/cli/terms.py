"""Terms of a hand-over, as a party has them: from the ledger, from the giver's statement, or bare."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.cli.files import parsing, read_file
from ledger.cli.output import fields
from ledger.cli.words import Language, words
from ledger.domain.errors import MalformedError, NotFoundError, PolicyError, UsageError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.domain.hand_over import Role, Terms

HASH_SIZE = 32


@dataclass(frozen=True, slots=True)
class Offered:
    """Terms that are to be answered.

    Args:
        terms: The terms.
        streams: Tags of the streams that the offer is filed in; empty where the offer itself is not at hand.
        offer: Id of the statement by which the other side signed them; None when it is not known.
        signed: What the ledger has of it: by organisation, what it said and the id of its statement.
    """

    terms: "Terms"
    streams: tuple[bytes, ...] = ()
    offer: bytes | None = None
    signed: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def offered(text: str, service: "Service | None") -> Offered:
    """Return the terms that a command line names.

    Args:
        text: The hash of the terms, or a file: the terms, or the statement of the other side.
        service: Is asked whether these terms are on offer; None without a network.

    Raises:
        NotFoundError: There is no such file, or the ledger knows no such offer.
        PolicyError: The offer is of another kind, or its terms are withheld.
        UsageError: A hash is not enough without a ledger to ask.
        MalformedError: The file holds neither terms nor a statement.
    """
    if _is_hash(text):
        if service is None:
            raise UsageError("no-terms", "without a ledger to ask, give the file of the offer, not its hash")
        return _from_service(bytes.fromhex(text), service)
    found = _from_file(Path(text))
    if service is None:
        return found
    # What the ledger has is what counts: an edited copy has another hash, and nobody offered that.
    known = _from_service(found.terms.hash, service)
    return replace(known, streams=found.streams)


def agreed(document: bytes) -> "Terms":
    """Read terms; MalformedError when they are none."""
    from ledger.domain.hand_over import Terms

    return Terms.parse(document)


def party_of(terms: "Terms", organisation: str) -> "Role":
    """Return which side an organisation is.

    Raises:
        PolicyError: It is neither giver nor taker.
    """
    from ledger.domain.hand_over import Role

    if organisation == terms.taker:
        return Role.TAKER
    if organisation == terms.giver:
        return Role.GIVER
    raise PolicyError(
        "not-a-party",
        f"these terms are between {terms.giver} and {terms.taker}; {organisation} is neither of them",
    )


def show_terms(terms: "Terms", lang: Language) -> None:
    """Print terms for whoever is to agree."""
    said = words(lang)
    fields(
        {
            said["terms"]: terms.hash.hex(),
            said["gives"]: terms.giver,
            said["takes"]: terms.taker,
            said["subjects"]: list(terms.subjects),
            said["place"]: terms.place,
            said["agreed_at"]: terms.at.isoformat(),
            said["remarks"]: list(terms.remarks) or said["none"],
        }
    )


def _is_hash(text: str) -> bool:
    return len(text) == 2 * HASH_SIZE and not set(text) - set("0123456789abcdef")


def _from_service(terms_hash: bytes, service: "Service") -> Offered:
    from ledger.client.http import wrong_answer

    # What is open comes first: of all there may be many.
    for one in chain(service.hand_overs("open"), service.hand_overs("all")):
        if one.get("terms_hash") != terms_hash.hex():
            continue
        shown = one.get("terms")
        if not isinstance(shown, dict):
            raise PolicyError("terms-withheld", "the terms were withheld from the ledger; ask for the file")
        try:
            terms = agreed(str(shown.get("document")).encode())
        except MalformedError as error:
            raise wrong_answer(error.message) from None
        if terms.hash != terms_hash:
            raise wrong_answer("terms of another hash")
        signed = _signed(one.get("said"))
        ids = [identifier for _, identifier in signed.values() if _is_hash(identifier)]
        return Offered(terms, (), bytes.fromhex(ids[0]) if ids else None, signed)
    raise NotFoundError(
        "no-such-offer",
        f"nobody offered your organisation terms with the hash {terms_hash.hex()}; a file with such terms is "
        "not what the other side signed",
    )


def _signed(said: object) -> dict[str, tuple[str, str]]:
    """Return what each organisation said, the first of them first."""
    found = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    return {str(one.get("organisation")): (str(one.get("result")), str(one.get("id"))) for one in found}


def _from_file(path: Path) -> Offered:
    from ledger.domain.hand_over import HAND_OVER, Claim
    from ledger.domain.statement import MAX_FILE_BYTES, Statement, StatementFile

    data = read_file(path, "the offer", max_bytes=MAX_FILE_BYTES)
    with parsing(path):
        if _format(data) != "corridor-statement/1":
            return Offered(agreed(data))
        file = StatementFile.parse(data)
        statement = Statement.parse(file.statement)
        claim = Claim.parse(statement.reveal(file.disclosures)) if statement.kind == HAND_OVER else None
    if claim is None or claim.terms is None:
        raise PolicyError("no-terms", f"{path} is no offer, or its terms are withheld")
    return Offered(claim.terms, statement.streams, statement.id)


def _format(data: bytes) -> Any:
    from ledger.domain.statement import MAX_FILE_BYTES
    from ledger.domain.strict_json import loads

    value = loads(data, max_bytes=MAX_FILE_BYTES)
    return value.get("format") if isinstance(value, dict) else None
