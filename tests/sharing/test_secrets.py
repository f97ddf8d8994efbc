"""Wrapped secrets over HTTP: who may hand them over, and who is given them as long as it may see the item."""

from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from pydantic import TypeAdapter

from api.secret_schemas import SecretPage
from ledger.sharing.secrets import forget
from ledger.storage.engine import write_transaction
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.sharing.vault import EMPTY, PAPER, TRIP, Vault, a_vault, ends, grants


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with a_vault(tmp_path) as vault:
        yield vault


def test_what_was_wrapped_for_somebody_is_given_to_it_and_opens(vault: Vault) -> None:
    grants(vault, CUSTOMS)
    record = vault.give(CUSTOMS, "paper")
    page = vault.get(CUSTOMS, subject=TRIP.uri).json()
    TypeAdapter(SecretPage).validate_python(page)
    (one,) = page["items"]
    item = vault.item("paper")
    assert record is not None
    assert (one["commitment"], one["cid"], one["category"]) == (item.commitment.hex(), item.cid, "paper")
    assert (one["from"], one["for"], one["record"]) == (EXPORTER, CUSTOMS, record.hex())
    identity = vault.keys[CUSTOMS]
    from base64 import b64decode

    secret = pyrage.decrypt(b64decode(one["wrapped"]), [identity])
    sealed = b"".join(vault.stage.ledger.room.store.open(item.cid).chunks)
    opened = pyrage.x25519.Identity.from_str(bytes(secret).decode())
    assert bytes(pyrage.decrypt(sealed, [opened])) == PAPER


def test_nobody_else_is_given_it(vault: Vault) -> None:
    grants(vault, CUSTOMS)
    grants(vault, ORIGIN_PORT)
    vault.give(CUSTOMS, "paper", "commercial")
    assert vault.listed(ORIGIN_PORT) == vault.listed(EXPORTER) == []
    assert vault.categories(CUSTOMS) == ["commercial", "paper"]
    assert vault.get(None).status_code == 401


def test_who_is_not_admitted_is_given_nothing_until_it_is(vault: Vault) -> None:
    vault.give(CUSTOMS, "paper")
    assert vault.listed(CUSTOMS) == []
    assert vault.get(CUSTOMS, subject=TRIP.uri).status_code == 404
    grants(vault, CUSTOMS)
    assert vault.categories(CUSTOMS) == ["paper"]


def test_the_giver_is_told_how_many_the_reader_may_not_see_yet(vault: Vault) -> None:
    record = vault.record([vault.item("paper"), vault.item("commercial")], ORIGIN_PORT)
    batch = vault.batch(ORIGIN_PORT, "paper", "commercial", record=record)
    assert vault.post(EXPORTER, batch).json() == {"stored": 2, "waiting": 2}
    grants(vault, ORIGIN_PORT)
    assert vault.post(EXPORTER, batch).json() == {"stored": 2, "waiting": 1}
    assert vault.post(EXPORTER, vault.batch(EXPORTER, "paper")).json() == {"stored": 1, "waiting": 0}


def test_what_its_roles_are_not_shown_it_is_not_given(vault: Vault) -> None:
    grants(vault, ORIGIN_PORT)
    vault.give(ORIGIN_PORT, "paper", "commercial")
    assert vault.categories(ORIGIN_PORT, subject=TRIP.uri) == ["paper"]
    grants(vault, ORIGIN_PORT, categories=["commercial"])
    assert vault.categories(ORIGIN_PORT, subject=TRIP.uri) == ["commercial", "paper"]


def test_the_end_of_a_grant_ends_it(vault: Vault) -> None:
    admitted, shown = grants(vault, ORIGIN_PORT), grants(vault, ORIGIN_PORT, categories=["commercial"])
    vault.give(ORIGIN_PORT, "paper", "commercial")
    ends(vault, shown)
    assert vault.categories(ORIGIN_PORT) == ["paper"]
    ends(vault, admitted)
    assert vault.listed(ORIGIN_PORT) == []
    assert vault.get(ORIGIN_PORT, subject=TRIP.uri).status_code == 404


def test_the_time_of_a_grant_ends_it(vault: Vault) -> None:
    grants(vault, ORIGIN_PORT, until="2026-09-21T14:33:20Z")
    vault.give(ORIGIN_PORT, "paper")
    assert vault.categories(ORIGIN_PORT) == ["paper"]
    vault.stage.clock.now += 7_200
    assert vault.listed(ORIGIN_PORT) == []


def test_a_late_joiner_gets_the_back_history(vault: Vault) -> None:
    for number in range(3):
        vault.say(EXPORTER, "status", {"remarks": [str(number)]})
    grants(vault, CUSTOMS)
    vault.give(CUSTOMS, "paper", "commercial")
    assert vault.categories(CUSTOMS, subject=TRIP.uri) == ["commercial", "paper"]


def test_the_same_again_replaces_it(vault: Vault) -> None:
    grants(vault, CUSTOMS)
    vault.give(CUSTOMS, "paper")
    (before,) = vault.listed(CUSTOMS)
    second = vault.give(CUSTOMS, "paper")
    (after,) = vault.listed(CUSTOMS)
    assert second is not None
    assert (after["record"], after["wrapped"] != before["wrapped"]) == (second.hex(), True)


def test_what_is_for_oneself_needs_no_record_and_no_statement_yet(vault: Vault) -> None:
    vault.give(EXPORTER, "paper")
    assert [one["record"] for one in vault.listed(EXPORTER)] == [None]
    vault.sealed["new"] = vault.store(EXPORTER, b"not said yet", "photo")
    vault.give(EXPORTER, "new")
    assert vault.categories(EXPORTER) == [None, "paper"]
    assert vault.categories(EXPORTER, subject=TRIP.uri) == ["paper"]


def test_pages_of_few_list_all_of_them_once(vault: Vault) -> None:
    grants(vault, CUSTOMS)
    made = {f"paper {number}": vault.store(EXPORTER, b"%d" % number, "paper") for number in range(7)}
    vault.sealed |= made
    vault.say(EXPORTER, "document", {"evidence": [one.item.to_json() for one in made.values()]})
    vault.give(CUSTOMS, *made)
    wanted = sorted(one.item.commitment.hex() for one in made.values())
    for limit in (1, 3, 7, 50):
        found = vault.listed(CUSTOMS, subject=TRIP.uri, limit=limit)
        assert [one["commitment"] for one in found] == wanted


def test_its_giver_lists_what_it_gave(vault: Vault) -> None:
    grants(vault, CUSTOMS)
    vault.give(CUSTOMS, "paper")
    (one,) = vault.listed(EXPORTER, role="given", to=CUSTOMS, subject=TRIP.uri)
    assert (one["for"], one["category"]) == (CUSTOMS, "paper")
    assert vault.listed(EXPORTER, role="given", to=ORIGIN_PORT) == []
    assert vault.listed(CUSTOMS, role="given", to=EXPORTER) == []
    assert vault.get(EXPORTER, role="given").status_code == 400
    assert vault.get(EXPORTER, to=CUSTOMS).status_code == 400


def test_about_another_subject_there_is_nothing(vault: Vault) -> None:
    vault.give(EXPORTER, "paper")
    assert vault.listed(EXPORTER, subject=EMPTY.uri) == []


def test_what_is_forgotten_is_given_to_nobody(vault: Vault) -> None:
    grants(vault, CUSTOMS)
    vault.give(CUSTOMS, "paper", "commercial")
    vault.give(EXPORTER, "paper")
    item = vault.item("paper")
    with write_transaction(vault.stage.ledger.store.engine) as connection:
        assert forget(connection, [(item.commitment, item.cid)]) == 2
        assert forget(connection, [(item.commitment, item.cid)]) == 0
    assert vault.categories(CUSTOMS) == ["commercial"]
    assert vault.listed(EXPORTER) == []
