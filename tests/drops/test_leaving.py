"""Secrets that a drop leaves with the ledger for its own organisation: all of them, whatever happens."""

from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest

from ledger.client.memory import Memory
from ledger.domain.errors import ConflictError
from ledger.domain.evidence import items
from ledger.drops.leaving import own_readers
from tests.drops.ledgers import Ledger
from tests.drops.place import Place

NEW = pyrage.x25519.Identity.generate()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def waits(place: Place) -> int:
    """Return how many secrets wait in the drop's folder."""
    return len(list((place.root / "state" / "own").iterdir()))


def all_cids(ledger: Ledger) -> set[str]:
    """Return the CIDs of all items that are claimed."""
    return {item.cid for one in [*ledger.claims, *ledger.readings] for item in items(ledger.body(one))}


def test_the_organisation_opens_items_and_renditions_with_what_the_ledger_keeps(place: Place) -> None:
    place.put("MSKU1234565.n42")
    done = place.run()
    assert place.ledger.opened_by_owner() == all_cids(place.ledger)
    assert len(place.ledger.left) == 3
    assert (waits(place), done.sent.secrets, done.sent.lost) == (0, 0, ())


def test_before_it_is_left_a_secret_lies_only_sealed_to_the_drops_own_key(place: Place) -> None:
    place.ledger.down = True
    place.put("MSKU1234565.n42")
    place.run()
    assert waits(place) == 3
    for path in (place.root / "state").rglob("*"):
        assert path.is_dir() or b"AGE-SECRET-KEY" not in path.read_bytes(), path
    place.ledger.down = False
    place.run()
    assert (waits(place), len(place.ledger.left)) == (0, 3)


def test_nothing_is_left_and_nothing_waits_while_the_organisation_has_no_keys(place: Place) -> None:
    place.ledger.keys = ()
    place.put("MSKU1234565.n42")
    place.run()
    assert (waits(place), place.ledger.left, place.left()) == (0, {}, [])


def test_changed_keys_hold_secrets_back_until_they_are_accepted_and_hold_no_file_back(place: Place) -> None:
    place.put("MSKU1234565-0.n42")
    place.run()
    place.ledger.keys = (str(NEW.to_public()),)
    place.put("MSKU1234565-1.n42", b"more counts")
    done = place.run()
    assert (len(place.ledger.claims), place.left(), waits(place)) == (2, [], 3)
    assert done.sent.stopped is not None
    assert (done.sent.stopped.code, done.sent.secrets) == ("new-encryption-key", 3)
    memory = Memory(place.config.remembered)
    with place.ledger.service() as service:
        with pytest.raises(ConflictError, match="accept-keys"):
            own_readers(service, memory)
        assert own_readers(service, memory, accept_new=True) is not None
    place.run()
    assert (waits(place), len(place.ledger.left)) == (0, 6)


def test_secrets_of_erased_items_are_forgotten_and_the_others_are_left(place: Place) -> None:
    place.put("MSKU1234565.n42")

    def erase(step: str) -> None:
        if step == "send.claimed":
            place.ledger.erased = set(place.ledger.stored) - {min(place.ledger.stored)}

    place.fault = erase
    done = place.run(rounds=2)
    assert set(place.ledger.left) == {min(place.ledger.stored)}
    assert [one[-8:] for one in done.sent.lost] == ["[erased]"] * 2
    assert waits(place) == 0


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def swap(path: Path) -> None:
    path.write_bytes(b"nothing of ours")


@pytest.mark.parametrize("harm", [damage, swap])
def test_a_damaged_note_is_told_and_holds_up_nothing(place: Place, harm: Callable[[Path], None]) -> None:
    place.ledger.down = True
    place.put("MSKU1234565.n42")
    place.run()
    (first, *_) = sorted((place.root / "state" / "own").iterdir())
    harm(first)
    place.ledger.down = False
    done = place.drop().round()
    (lost,) = done.sent.lost
    assert first.name.removesuffix(".age") in lost
    assert (len(place.ledger.left), waits(place)) == (2, 0)


def test_what_is_not_taken_after_all_leaves_no_secret(place: Place) -> None:
    place.put("MSKU1234565.n42")

    def fails(step: str) -> None:
        if step == "take.signed":
            raise OSError(28, "No space left on device")

    place.fault = fails
    drop = place.drop()
    for _ in range(3):
        drop.round()
        place.now += 10
    assert waits(place) == 0
    assert list((place.root / "state" / "sealed").iterdir()) == []
    assert list((place.root / "state" / "secrets").iterdir()) == []
