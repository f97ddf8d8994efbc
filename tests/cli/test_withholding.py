"""`corridor statement submit --withhold`: what is concealed from others can be kept from the ledger, too."""

from pathlib import Path

from ledger.domain.statement import StatementFile
from ledger.log.store import LogStore
from tests.builders import an_author
from tests.cli.corridor import corridor, refused
from tests.cli.test_submission import TRIP, a_ledger, saved

BODY = {"invoice": {"price": 12, "freight": {"price": 3}}, "weight": 7, "prices": [1, 2]}
CONCEALED = [("invoice", "price"), ("invoice",), ("invoice", "freight", "price"), ("prices", 0), ("weight",)]


def file_of(folder: Path) -> tuple[Path, StatementFile]:
    signed = an_author().says("document", TRIP, BODY, conceal=CONCEALED)
    path = saved(folder / "invoice.statement", signed)
    return path, StatementFile.parse(path.read_bytes())


def kept(store: LogStore) -> int:
    return len(store.statement_at(2).disclosures)


def test_members_of_a_name_and_what_is_in_them_stay_here(tmp_path: Path) -> None:
    path, file = file_of(tmp_path)
    opening = saved(tmp_path / "opening.statement", an_author().opens(TRIP))
    assert len(file.disclosures) == 5
    for number, (names, left) in enumerate((("price", 3), ("invoice", 2), ("weight", 4), ("prices", 4))):
        folder = tmp_path / str(number)
        folder.mkdir()
        with a_ledger(folder) as (url, store):
            assert corridor("statement", "submit", opening, "--to", url).code == 0
            ran = corridor("statement", "submit", path, "--to", url, "--withhold", names)
            assert (ran.code, kept(store)) == (0, left), names


def test_a_name_that_nothing_concealed_has_is_a_mistake(tmp_path: Path) -> None:
    path, _ = file_of(tmp_path)
    with a_ledger(tmp_path) as (url, store):
        ran = corridor("statement", "submit", path, "--to", url, "--withhold", "weights")
        refused(ran, 2, "nothing-withheld")
        assert store.size() == 1
