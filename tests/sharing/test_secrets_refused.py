"""What is refused of wrapped secrets: each with a reason, and nothing of it is stored."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pyrage
import pytest
from sqlalchemy import func, select

from api.routes.secrets import MAX_BODY
from ledger.domain.disclosure_record import MAX_ITEMS
from ledger.domain.wrapped import MAX_AT_ONCE, MAX_WRAPPED, WrappedSecret, checked_wrapped
from ledger.evidence.sealing import wrap_secret
from ledger.storage.engine import read_transaction
from ledger.storage.secret_tables import wrapped_secrets
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, seeded
from tests.sharing.vault import STRANGER, Vault, a_vault, grants

OTHER_CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
READER = str(pyrage.x25519.Identity.generate().to_public())
SECRET = str(pyrage.x25519.Identity.generate()).encode()


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    with a_vault(tmp_path_factory.mktemp("refused")) as vault:
        grants(vault, CUSTOMS)
        vault.sealed["theirs"] = vault.store(CUSTOMS, b"what customs found", "scan")
        vault.say(CUSTOMS, "document", {"evidence": [vault.item("theirs").to_json()]})
        vault.sealed["nobody's"] = vault.store(ORIGIN_PORT, b"nobody speaks of it", "scan")
        yield vault


def stored(vault: Vault) -> int:
    with read_transaction(vault.stage.ledger.store.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(wrapped_secrets)).scalar_one())


def recorded(vault: Vault, *names: str, to: str = CUSTOMS, who: str = EXPORTER) -> bytes:
    return vault.record([vault.item(one) for one in names], to, who)


def with_secret(vault: Vault, **changes: Any) -> dict[str, Any]:
    """Return a batch for customs whose secret differs in some members."""
    body = vault.batch(CUSTOMS, "paper", record=recorded(vault, "paper"))
    body["secrets"][0] |= changes
    return body


def wrapping(plain: bytes, readers: int = 1) -> str:
    keys = [pyrage.x25519.Identity.generate().to_public() for _ in range(readers)]
    return b64encode(pyrage.encrypt(plain, keys)).decode()


def many(vault: Vault, count: int) -> dict[str, Any]:
    body = vault.batch(CUSTOMS, "paper", record=recorded(vault, "paper"))
    # How long an age file is differs from one to the next.
    one = body["secrets"][0] | {"wrapped": ""}
    body["secrets"] = [one | {"commitment": seeded(number, 32).hex()} for number in range(count)]
    return body


Make = Callable[[Vault], Any]
BAD: dict[str, tuple[Make, int, str]] = {
    "no object": (lambda _: [], 400, "malformed-field"),
    "no JSON": (lambda _: b"{", 400, "json-syntax"),
    "a member too many": (lambda v: v.batch(EXPORTER, "paper") | {"more": 1}, 400, "unknown-field"),
    "without whom it is for": (
        lambda v: {k: o for k, o in v.batch(EXPORTER, "paper").items() if k != "for"},
        400,
        "missing-field",
    ),
    "no secrets": (lambda v: v.batch(EXPORTER), 400, "malformed-field"),
    "one item twice": (lambda v: v.batch(EXPORTER, "paper", "paper"), 400, "malformed-field"),
    "one more than at once": (lambda v: many(v, MAX_AT_ONCE + 1), 400, "malformed-field"),
    "ten thousand at once": (lambda v: many(v, 10_000), 400, "malformed-field"),
    "more bytes than a request has": (lambda _: b" " * (MAX_BODY + 1), 413, "too-large"),
    "a CID that is not ours": (lambda v: with_secret(v, cid="Qm" + "a" * 44), 400, "malformed-field"),
    "a CID of something else": (lambda v: with_secret(v, cid=OTHER_CID), 403, "item-of-another"),
    "a commitment that is too short": (lambda v: with_secret(v, commitment="00"), 400, "malformed-field"),
    "bytes that are no age file": (
        lambda v: with_secret(v, wrapped=b64encode(SECRET).decode()),
        400,
        "malformed-field",
    ),
    "no base64": (lambda v: with_secret(v, wrapped="%%%"), 400, "malformed-field"),
    "a number for bytes": (lambda v: with_secret(v, wrapped=7), 400, "malformed-field"),
    "an age file that holds more": (
        lambda v: with_secret(v, wrapped=wrapping(SECRET + b"x")),
        400,
        "malformed-field",
    ),
    "an age file for too many": (
        lambda v: with_secret(v, wrapped=wrapping(SECRET, 40)),
        400,
        "malformed-field",
    ),
    "for oneself with a record": (
        lambda v: v.batch(EXPORTER, "paper", record=recorded(v, "paper")),
        400,
        "record-for-oneself",
    ),
    "for an organisation that nobody knows": (
        lambda v: v.batch(CUSTOMS, "paper", record=recorded(v, "paper")) | {"for": STRANGER},
        404,
        "organisation-unknown",
    ),
    "for what is no organisation": (
        lambda v: v.batch(EXPORTER, "paper") | {"for": "customs"},
        400,
        "malformed-field",
    ),
    "without a record": (lambda v: v.batch(CUSTOMS, "paper"), 400, "record-missing"),
    "with a record that is not there": (
        lambda v: v.batch(CUSTOMS, "paper", record=bytes(32)),
        404,
        "statement-unknown",
    ),
    "with another's record": (
        lambda v: v.batch(CUSTOMS, "paper", record=recorded(v, "paper", to=EXPORTER, who=CUSTOMS)),
        403,
        "record-of-another",
    ),
    "with a record of another kind": (
        lambda v: v.batch(CUSTOMS, "paper", record=grants(v, CUSTOMS)),
        403,
        "record-of-another",
    ),
    "with a record for somebody else": (
        lambda v: v.batch(CUSTOMS, "paper", record=recorded(v, "paper", to=ORIGIN_PORT)),
        403,
        "record-other",
    ),
    "with a record of other items": (
        lambda v: v.batch(CUSTOMS, "paper", "commercial", record=recorded(v, "paper")),
        403,
        "record-other",
    ),
    "of an item that another claims": (
        lambda v: v.batch(CUSTOMS, "theirs", record=recorded(v, "theirs")),
        403,
        "item-of-another",
    ),
    "of an item that no statement claims": (
        lambda v: v.batch(CUSTOMS, "nobody's", record=recorded(v, "nobody's")),
        403,
        "item-of-another",
    ),
    "of another's item that nobody claims, for oneself": (
        lambda v: v.batch(EXPORTER, "nobody's"),
        403,
        "item-of-another",
    ),
}


@pytest.mark.parametrize(("make", "status", "code"), BAD.values(), ids=BAD)
def test_refuses_and_stores_nothing(vault: Vault, make: Make, status: int, code: str) -> None:
    before, body = stored(vault), make(vault)
    answer = vault.post(EXPORTER, body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:corridor:problem:{code}"), (
        answer.text
    )
    assert answer.json()["detail"]
    assert "AGE-SECRET-KEY" not in answer.text
    assert stored(vault) == before


def test_one_that_is_bad_keeps_the_others_out(vault: Vault) -> None:
    record = recorded(vault, "paper", "commercial", "theirs")
    body = vault.batch(CUSTOMS, "paper", "commercial", "theirs", record=record)
    before = stored(vault)
    answer = vault.post(EXPORTER, body)
    assert (answer.status_code, answer.json()["field"]) == (403, "secrets.2.commitment")
    assert stored(vault) == before


def test_nobody_hands_over_anything_without_a_session(vault: Vault) -> None:
    assert vault.post(None, vault.batch(EXPORTER, "paper")).status_code == 401


def test_another_media_type_is_refused(vault: Vault) -> None:
    answer = vault.post(EXPORTER, vault.batch(EXPORTER, "paper"), **{"Content-Type": "text/plain"})
    assert answer.status_code == 415


BAD_RECORDS: dict[str, dict[str, Any]] = {
    "no items": {"to": CUSTOMS, "items": []},
    "an item twice": {"to": CUSTOMS, "items": ["00" * 32] * 2},
    "an item that is no commitment": {"to": CUSTOMS, "items": ["00"]},
    "more than one record names": {
        "to": CUSTOMS,
        "items": [seeded(number, 32).hex() for number in range(MAX_ITEMS + 1)],
    },
    "for what is no organisation": {"to": "customs", "items": ["00" * 32]},
    "a member too many": {"to": CUSTOMS, "items": ["00" * 32], "why": "x"},
    "without items": {"to": CUSTOMS},
}


@pytest.mark.parametrize("body", BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_a_record_that_says_nothing_clear_is_not_registered(vault: Vault, body: dict[str, Any]) -> None:
    from tests.sharing.vault import TRIP

    stage = vault.stage
    signed = stage.says(EXPORTER, "disclosure-record", TRIP, body)
    answer = stage.post(signed)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"].startswith("body")


def test_a_record_names_as_many_items_as_go_into_a_statement(vault: Vault) -> None:
    items = [seeded(("record", number), 32).hex() for number in range(MAX_ITEMS)]
    vault.say(EXPORTER, "disclosure-record", {"to": CUSTOMS, "items": items, "purpose": "x" * 500})


def test_secrets_of_a_few_readers_have_the_form_that_is_kept() -> None:
    keys = [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(12)]
    for number in (1, 2, 12):
        wrapped = wrap_secret(SECRET, keys[:number])
        assert len(wrapped) < MAX_WRAPPED
        assert checked_wrapped(b64encode(wrapped).decode(), "it") == wrapped
    one = WrappedSecret(bytes(32), OTHER_CID, wrap_secret(SECRET, [READER]))
    assert WrappedSecret.parse(one.to_json()) == one
    assert "AGE" not in repr(one)
