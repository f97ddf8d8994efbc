"""For which keys secrets are wrapped: whatever a service shows, only what the organisation signed counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyrage
import pytest

from ledger.client import Service
from ledger.client.http import Patience
from ledger.client.memory import Memory
from ledger.client.recipients import readers_of
from ledger.domain.errors import ConflictError, CorridorError, VerificationError
from ledger.domain.fields import b64url
from ledger.domain.key_use import USE_DEVICE, USE_STATEMENTS
from ledger.domain.statement import SignedStatement, StatementFile
from ledger.domain.subject import Subject
from tests.builders import CUSTOMS, EXPORTER, NOON, Author, Trip, a_genesis, a_signer
from tests.catalogue.office import a_thing

OWN = a_thing("organisation", "CUSTOMS", iss=CUSTOMS)
FIRST, SECOND = (str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2))
THIEF = "a thief's key"


def says(*recipients: str, **changes: Any) -> SignedStatement:
    """Return the statement of customs about its keys; changes make it another one."""
    iss, key = changes.pop("iss", CUSTOMS), changes.pop("key", CUSTOMS)
    author = Author(iss, a_signer(key), changes.pop("aud", a_genesis().audience))
    kind, about = changes.pop("kind", "encryption-key"), changes.pop("about", OWN)
    return author.says(kind, about, {"recipients": list(recipients)}, **changes)


@dataclass
class Operator:
    """A service that shows what it is told to."""

    signed: SignedStatement = field(default_factory=lambda: says(FIRST))
    keys: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registers(CUSTOMS, USE_STATEMENTS)

    def registers(self, key: str, use: int) -> None:
        """Show a key as one of customs."""
        shown = a_signer(key).key
        self.keys.append({"cose_key": b64url(shown.encoded), "use": use})

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer what a client asks."""
        path = request.url.path
        if path.endswith("/genesis"):
            return httpx.Response(200, content=a_genesis().document)
        if path == "/v1/challenges":
            return httpx.Response(200, json={"challenge": b64url(bytes(32)), "expires_at": 1})
        if path == "/v1/sessions":
            opened = {
                "token": b64url(bytes(32)),
                "organisation": EXPORTER,
                "roles": [],
                "expires_at": NOON + 9,
            }
            return httpx.Response(201, json=opened)
        if path.endswith("/encryption-key"):
            file = StatementFile(self.signed.raw, self.signed.disclosures)
            return httpx.Response(200, content=file.encode())
        return httpx.Response(200, json={"uri": CUSTOMS, "keys": self.keys})


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def asks(operator: Operator, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    memory = Memory(tmp_path)
    with Service(
        "http://127.0.0.1:9",
        a_signer(EXPORTER),
        EXPORTER,
        genesis=a_genesis(),
        memory=memory,
        clock=lambda: NOON,
        patience=Patience(attempts=1),
        transport=httpx.MockTransport(operator.answer),
    ) as service:
        yield lambda **more: readers_of(service, memory, CUSTOMS, **more)


def test_what_the_organisation_signed_is_taken_and_remembered(asks: Callable[..., Any]) -> None:
    first, again = asks(), asks()
    assert (first.keys.all, first.is_new, again.is_new) == ((FIRST,), True, False)
    assert first.signed_by == a_signer(CUSTOMS).key.thumbprint


def test_other_keys_are_refused_until_they_are_taken(operator: Operator, asks: Callable[..., Any]) -> None:
    asks()
    operator.signed = says(SECOND)
    for _ in range(2):
        with pytest.raises(ConflictError, match=SECOND) as caught:
            asks()
        assert (caught.value.code, FIRST in caught.value.message) == ("new-encryption-key", True)
    assert asks(accept_new=True).keys.all == (SECOND,)
    assert asks().keys.all == (SECOND,)
    # Nor does it go back to keys that were given up.
    operator.signed = says(FIRST)
    with pytest.raises(ConflictError):
        asks()


def _elsewhere() -> Trip:
    """Return a subject that customs names, and another organisation opened."""
    return a_thing("organisation", "CUSTOMS", iss=EXPORTER)


SWAPPED: dict[str, Callable[[Operator], object]] = {
    "signed by another organisation": lambda o: setattr(
        o, "signed", says(SECOND, iss=EXPORTER, key=EXPORTER)
    ),
    "signed with a key that is not registered": lambda o: setattr(o, "signed", says(SECOND, key=THIEF)),
    "of another kind": lambda o: setattr(o, "signed", says(SECOND, kind="document")),
    "for another log": lambda o: setattr(o, "signed", says(SECOND, aud="ni:///sha-256;" + "A" * 43)),
    "about a subject of another": lambda o: setattr(o, "signed", says(SECOND, about=_elsewhere())),
    "about a trip": lambda o: setattr(o, "signed", says(SECOND, about=a_thing("trip", "X", iss=CUSTOMS))),
    "filed elsewhere": lambda o: setattr(o, "signed", says(SECOND, streams=[bytes(32)])),
    "with what is no recipient": lambda o: setattr(o, "signed", says("age1" + "q" * 58)),
    "concealed": lambda o: setattr(o, "signed", says(SECOND, conceal=[("recipients",)])),
    "without any registered key": lambda o: o.keys.clear(),
}


@pytest.mark.parametrize("swap", SWAPPED.values(), ids=SWAPPED)
def test_what_it_did_not_sign_for_itself_is_refused_and_not_remembered(
    operator: Operator, asks: Callable[..., Any], swap: Callable[[Operator], object]
) -> None:
    swap(operator)
    with pytest.raises(CorridorError) as caught:
        asks(accept_new=True)
    assert isinstance(caught.value, VerificationError)
    operator.signed = says(FIRST)
    operator.registers(CUSTOMS, USE_STATEMENTS)
    assert asks().is_new


def test_a_devices_key_says_nothing_of_encryption_keys(operator: Operator, asks: Callable[..., Any]) -> None:
    operator.registers("camera", USE_DEVICE)
    operator.signed = says(SECOND, key="camera")
    with pytest.raises(VerificationError) as caught:
        asks()
    assert caught.value.code == "key-unknown"


def test_its_own_subject_commits_to_who_opened_it() -> None:
    assert Subject.parse(OWN.uri).opened_by(CUSTOMS, OWN.custody_tag)
    assert not Subject.parse(_elsewhere().uri).opened_by(CUSTOMS, _elsewhere().custody_tag)
