"""What goes wrong around a drop: keys, disks, writers, clerks. Files stay, reasons are told."""

import errno
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ledger.domain.errors import ConflictError, CorridorError, NotFoundError, UnavailableError
from ledger.drops.status import retry, standing
from ledger.storage.faults import Fault
from tests.builders import seeded
from tests.drops.place import TRIP, UNKNOWN, Place
from tests.drops.test_drop_crash import check, filled

DISK_STEPS = [
    *("take.sealed", "take.wrapped", "take.signed", "take.noted", "send.sealed", "send.noted"),
    *(
        "send.claimed",
        "send.read",
        "send.finished",
        "leave.kept",
        "leave.forgotten",
        "move.noted",
        "move.first",
        "move.rest",
    ),
]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def full_at(step: str) -> Fault:
    """Return what makes the disk full at a step, as long as it is asked."""

    def fault(at: str) -> None:
        if at == step:
            raise OSError(errno.ENOSPC, "No space left on device")

    return fault


@pytest.mark.parametrize("step", DISK_STEPS)
def test_a_full_disk_is_told_and_waited_out(place: Place, step: str) -> None:
    filled(place)
    place.fault = full_at(step)
    drop = place.drop()
    for _ in range(3):
        with suppress(UnavailableError, OSError):
            drop.round()
        place.now += 10
    place.fault = lambda _step: None
    place.run()
    check(place)


def test_a_key_that_was_revoked_leaves_the_file_and_says_so(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.ledger.no_entry = "key-not-good"
    done = place.run()
    assert (place.ledger.claims, place.left()) == ([], ["MSKU1234565.n42"])
    assert done.sent.stopped is not None
    assert done.sent.stopped.code == "key-not-good"
    assert standing(place.config).stopped == "this key opens nothing"
    place.ledger.no_entry = None
    place.run()
    assert len(place.ledger.claims) == 1


def test_a_claim_that_is_refused_leaves_the_file_until_a_clerk_retries_it(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.ledger.down = True
    place.run()
    (waiting,) = place.drop()._desk.journal.pending()
    place.ledger.down = False
    place.ledger.refused = {waiting.id: (403, "key-suspect")}
    done = place.run()
    assert "key-suspect" in done.waiting["MSKU1234565.n42"]
    assert "key-suspect" in standing(place.config).refused["MSKU1234565.n42"]
    place.run()
    assert (place.ledger.claims, place.left()) == ([], ["MSKU1234565.n42"])
    assert "anew" in retry(place.config, "MSKU1234565.n42")
    place.run()
    (claim,) = place.ledger.claims
    assert claim.id != waiting.id
    assert (place.left(), standing(place.config).refused) == ([], {})


def test_a_reading_that_is_refused_does_not_hold_up_the_file(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.ledger.refuse_kind = "reading"
    place.run()
    assert (len(place.ledger.claims), place.ledger.readings, place.left()) == (1, [], [])


def test_nothing_that_the_drop_writes_holds_plaintext(place: Place) -> None:
    secret = b"gamma 4711 of MSKU1234565 driver A. Nobody"
    place.put("MSKU1234565.n42", secret)
    place.ledger.down = True
    place.run()
    place.ledger.down = False
    waiting = list(everything_in(place.root / "state"))
    place.run()
    for data in (*waiting, *everything_in(place.root / "state")):
        for part in (b"4711", b"Nobody", b"a picture of"):
            assert part not in data
            assert json.dumps(part.decode()).encode()[1:-1] not in data
    assert place.opened() == secret, "it was there to be found"


def everything_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def replace_by_another(path: Path) -> None:
    path.with_name(".new").write_bytes(b"new")
    path.with_name(".new").replace(path)


def replace_by_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


REPLACING: dict[str, Callable[[Path], object]] = {
    "written to": lambda path: path.write_bytes(b"other"),
    "grown": grow,
    "replaced by another": replace_by_another,
    "replaced by a link": replace_by_link,
    "gone": Path.unlink,
}


@pytest.mark.parametrize("how", REPLACING)
def test_a_file_that_changes_while_it_is_read_is_not_taken_as_it_was(place: Place, how: str) -> None:
    path = place.put("MSKU1234565.n42", b"first")

    def fault(at: str) -> None:
        if at == "take.sealed" and path.exists() and path.read_bytes() == b"first":
            REPLACING[how](path)

    place.fault = fault
    drop = place.drop()
    drop.round()
    place.now += 10
    drop.round()
    claimed = [place.opened(number) for number in range(len(place.ledger.claims))]
    # A file that is whole in an open descriptor may be taken though its name is gone; never a mixture.
    assert claimed in ([], [b"first"])
    if how in ("written to", "grown"):
        assert claimed == []
    place.fault = lambda _step: None
    place.run(drop=place.drop())
    claimed = [place.opened(number) for number in range(len(place.ledger.claims))]
    expected = {"written to": b"other", "grown": b"firstmore", "replaced by another": b"new"}
    assert claimed[len(claimed) - 1 :] == ([expected[how]] if how in expected else claimed[-1:])


def test_a_file_that_is_replaced_before_it_is_moved_away_stays(place: Place) -> None:
    path = place.put("MSKU1234565.n42", b"first")

    def fault(at: str) -> None:
        if at == "move.noted" and path.read_bytes() == b"first":
            path.unlink()
            path.write_bytes(b"second")

    place.fault = fault
    place.run()
    place.run()
    assert sorted(place.opened(number) for number in range(2)) == [b"first", b"second"]
    assert place.left() == []


def test_what_was_sealed_and_is_gone_is_sealed_anew_by_a_retry(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.ledger.down = True
    place.run()
    for path in (place.root / "state" / "sealed").iterdir():
        path.unlink()
    place.ledger.down = False
    assert "sealed-gone" in place.run().waiting["MSKU1234565.n42"]
    retry(place.config, "MSKU1234565.n42")
    place.run()
    assert (len(place.ledger.claims), place.left()) == (1, [])


def test_a_journal_that_is_damaged_stops_the_drop_and_is_not_guessed(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.run()
    (note,) = (place.root / "state" / "journal" / "done").iterdir()
    note.write_bytes(b"{")
    place.put("MSKU1234565.n42")
    with pytest.raises(UnavailableError, match="on record"):
        place.run()
    assert (len(place.ledger.claims), place.left()) == (1, ["MSKU1234565.n42"])


def test_a_retry_puts_nothing_over_a_new_file(place: Place) -> None:
    place.put("MSKU1234565.n42", UNKNOWN)
    place.run()
    place.put("MSKU1234565.n42", b"new")
    with pytest.raises(ConflictError, match="there by now"):
        retry(place.config, "MSKU1234565.n42")
    assert (place.incoming / "MSKU1234565.n42").read_bytes() == b"new"
    with pytest.raises(NotFoundError):
        retry(place.config, "../drop.toml")


def test_files_of_one_name_in_quarantine_are_told_apart(place: Place) -> None:
    for number in range(2):
        place.put("MSKU1234565.n42", UNKNOWN + bytes([number]))
        place.run()
    with pytest.raises(ConflictError, match="several"):
        retry(place.config, "MSKU1234565.n42")
    one, other = (aside.folder for aside in standing(place.config).aside)
    retry(place.config, other)
    assert [aside.folder for aside in standing(place.config).aside] == [one]


def test_many_files_are_taken_once_each_in_several_batches(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 50
    monkeypatch.setattr("ledger.drops.delivering._AT_ONCE", 20)
    place.changes = {"quiet_seconds": 0.0}
    for number in range(count):
        place.put(
            f"{number}.txt", seeded(number, 64), {"subject": TRIP.uri, "stream": TRIP.custody_tag.hex()}
        )
    place.run(rounds=2)
    assert len(place.ledger.claims) == count
    assert len({place.items(number)[0].commitment for number in range(count)}) == count
    assert place.left() == []
    assert standing(place.config).on_record == count


def test_a_folder_that_is_gone_is_told(place: Place) -> None:
    drop = place.drop()
    place.incoming.rmdir()
    with pytest.raises(CorridorError, match="cannot be read"):
        drop.round()
