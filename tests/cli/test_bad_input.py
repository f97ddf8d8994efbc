"""What a clerk gets wrong: one line that says what to do, the right exit code, and nothing half-written."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.api.holdings import holdings
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import Ran, corridor, refused
from tests.cli.servers import serving
from tests.cli.town import STRANGER, Town

NOBODY = "https://nobody.example"


def offer(town: Town, trip: str, taker: str = ORIGIN_PORT, *more: object) -> Ran:
    return town.run(EXPORTER, "handover", "offer", trip, "--taker", taker, "--place", "GTPBR", *more)


def says(town: Town, trip: str, who: str, kind: str, **body: object) -> Ran:
    return town.run(who, "statement", "say", kind, "--subject", trip, "--body", town.body(**body))


def behind(town: Town, trip: str) -> Ran:
    """Say something to a ledger whose clock is a day behind this machine's."""
    command = ("statement", "say", "status", "--subject", trip, "--body", town.body(note="x"))
    now = town.stage.clock.now
    town.stage.clock.now = now - 86_400
    try:
        return corridor(*command, *town.signing(EXPORTER), "--to", town.stage.url)
    finally:
        town.stage.clock.now = now


def nobody_there(town: Town, trip: str) -> Ran:
    with serving(lambda _path, _body: (200, "", b"")) as url:
        pass
    command = ("handover", "offer", trip, "--taker", ORIGIN_PORT, "--place", "GTPBR")
    return corridor(*command, *town.signing(EXPORTER), "--to", url)


def wrong_words(town: Town, trip: str) -> Ran:
    words = town.new("words")
    words.write_text("other\n")
    command = ("custody", trip, "--lang", "es", "--to", town.stage.url, "--key", town.key(EXPORTER))
    return corridor(*command, "--passphrase-file", words)


class Case(NamedTuple):
    """A mistake, the exit code, the stable code, and words of the way out."""

    run: Callable[[Town, str], Ran]
    code: int
    reason: str
    way_out: str


CASES: dict[str, Case] = {
    "a hand-over to oneself": Case(
        lambda town, trip: offer(town, trip, EXPORTER), 1, "handover-to-self", "name whoever takes it over"
    ),
    "a taker that is no organisation": Case(
        lambda town, trip: offer(town, trip, "the port"), 1, "malformed-field", "https://"
    ),
    "a second taker": Case(
        lambda town, trip: offer(town, trip, CUSTOMS), 1, "handover-competing", "let that be refused"
    ),
    "a hand-over years ahead": Case(
        lambda town, trip: offer(town, trip, ORIGIN_PORT, "--at", "2199-01-01T00:00:00Z"),
        *(1, "occurred-in-future", "agree on the time"),
    ),
    "another seal": Case(
        lambda town, trip: says(town, trip, EXPORTER, "seal-check", seals_found=[{"number": "GT2"}]),
        *(1, "seal-changed", "--lenient"),
    ),
    "a seal without a number": Case(
        lambda town, trip: says(town, trip, EXPORTER, "seal-check", seals_found=[{"no": "GT1"}]),
        *(1, "missing-field", "body.seals_found.0"),
    ),
    "a time that has not come": Case(
        lambda town, trip: says(town, trip, EXPORTER, "status", occurred_at="2199-01-01T00:00:00Z"),
        *(1, "occurred-in-future", "set the device's clock right"),
    ),
    "a clock a day ahead": Case(behind, 1, "issued-in-future", "set the signer's clock right"),
    "not a member": Case(
        lambda town, trip: says(town, trip, CUSTOMS, "decision"),
        1,
        "subject-unknown",
        "ask one of its parties",
    ),
    "not a member, asking in Spanish": Case(
        lambda town, trip: town.run(CUSTOMS, "custody", trip, "--lang", "es"),
        *(1, "subject-unknown", "ask one of its parties"),
    ),
    "not enrolled": Case(
        lambda town, trip: town.run(STRANGER, "custody", trip), 1, "key-unknown", "admin must add it"
    ),
    "no network": Case(nobody_there, 4, "ledger-unreachable", "--outbox"),
    "a wrong passphrase": Case(wrong_words, 2, "wrong-passphrase", "passphrase"),
}


@pytest.fixture(scope="module")
def trip(town: Town, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A sealed trip that was offered to the port."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDOR_STATE", str(tmp_path_factory.mktemp("state")))
        uri: str = town.opened(EXPORTER)["subject"]
        assert says(town, uri, EXPORTER, "seal-applied", seals_applied=[{"number": "GT1"}]).code == 0
        assert offer(town, uri).code == 0
    return uri


def on_record(town: Town) -> dict[str, object]:
    """Return what the ledger keeps but for the sessions that were opened on the way."""
    town.stage.ledger.catalogue.catch_up()
    kept = holdings(town.stage.ledger)
    return {name: rows for name, rows in kept.items() if name not in ("sessions", "used_challenges")}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_ends_in_one_line_that_says_what_to_do(town: Town, trip: str, name: str) -> None:
    case, before = CASES[name], on_record(town)
    ran = case.run(town, trip)
    refused(ran, case.code, case.reason)
    assert case.way_out in ran.err
    assert on_record(town) == before


def test_a_refused_statement_leaves_no_file_behind(town: Town, trip: str, tmp_path: Path) -> None:
    out = tmp_path / "offer.statement"
    assert offer(town, trip, CUSTOMS, "--out", out).reason == "handover-competing"
    assert not out.exists()
    assert offer(town, trip, CUSTOMS, "--out", out, "--lenient").code == 0
    assert out.exists()


@pytest.mark.parametrize("command", ["handover", "grant"])
def test_an_organisation_that_nobody_enrolled_is_warned_of(town: Town, command: str) -> None:
    trip = town.opened(EXPORTER)["subject"]
    if command == "handover":
        ran = offer(town, trip, NOBODY)
    else:
        ran = town.run(EXPORTER, "stream", "grant", trip, "--member", NOBODY)
    assert (ran.code, ran.reason) == (0, "organisation-unknown")
    assert f"{NOBODY} does not take part here" in ran.err
