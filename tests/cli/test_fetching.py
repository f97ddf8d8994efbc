"""`corridor receipt`, `dossier` and `verdict` from a running ledger; what comes proves itself."""

from pathlib import Path

import pytest

from ledger.domain.verdict import Outcome
from ledger.verification.trust import Trust
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_genesis
from tests.cli.corridor import corridor, refused
from tests.cli.servers import serving
from tests.cli.town import Town


@pytest.fixture(scope="module")
def trip(town: Town) -> str:
    """A trip whose opening is final, and that customs may read."""
    uri = str(town.opened(EXPORTER)["subject"])
    town.did(EXPORTER, "stream", "grant", uri, "--member", CUSTOMS)
    town.stage.anchor()
    return uri


@pytest.fixture(scope="module")
def trust(town: Town, trip: str) -> Path:
    """A trust file of the log, with a pinned block."""
    path = town.folder / "trust.json"
    held: Trust = town.stage.trust()
    path.write_bytes(held.encode())
    return path


def opening(town: Town, trip: str) -> str:
    return str(town.did(EXPORTER, "subject", "show", trip)["statements"][0]["id"])


def test_a_receipt_comes_and_verifies(town: Town, trip: str, trust: Path) -> None:
    out, cose = town.new("x.receipt"), town.new("x.cose")
    identifier = opening(town, trip)
    described = town.did(CUSTOMS, "receipt", identifier, "--out", out, "--cose", cose)
    assert described["id"] == identifier
    verified = corridor("receipt-verify", out, "--trust", trust, "--offline", "--json").json
    passed = {check["name"] for check in verified["checks"] if check["status"] == "passed"}
    assert {"readable", "signature", "authority", "inclusion", "anchor"} <= passed
    assert cose.stat().st_size > 0


def test_a_receipt_is_not_there_before_the_anchor_is_final(town: Town) -> None:
    uri = town.opened(EXPORTER)["subject"]
    out = town.new("x.receipt")
    refused(town.run(EXPORTER, "receipt", opening(town, uri), "--out", out), 1, "not-final")
    assert not out.exists()


def test_a_statement_comes_with_what_its_reader_may_see(town: Town, trip: str) -> None:
    body = ["--body", town.body(price=7, packages=3), "--conceal", "/price"]
    said = town.did(EXPORTER, "statement", "say", "document", "--subject", trip, *body)["id"]
    seen = {}
    for reader in (EXPORTER, ORIGIN_PORT):
        if reader == ORIGIN_PORT:
            town.did(EXPORTER, "stream", "grant", trip, "--member", reader)
        out = town.new("x.statement")
        town.did(reader, "statement", "get", said, "--out", out)
        shown = corridor("statement", "show", out, "--json").json
        assert shown["id"] == said
        seen[reader] = shown["body"].get("price")
        assert shown["body"]["packages"] == 3
    assert seen == {EXPORTER: 7, ORIGIN_PORT: None}


def test_a_dossier_comes_and_verifies(town: Town, trip: str, trust: Path) -> None:
    out = town.new("dossier.zip")
    described = town.did(CUSTOMS, "dossier", trip, "--out", out)
    assert (described["file"], described["statements"]) == (str(out), 2)
    verified = corridor("verify", out, "--trust", trust, "--offline", "--json").json
    assert verified["shipment"] == trip
    assert verified["outcome"] != Outcome.REJECTED.value


def test_the_operators_verdict_is_called_what_it_is(town: Town, trip: str) -> None:
    ran = town.run(CUSTOMS, "verdict", trip)
    assert f"So says {town.stage.ledger.genesis.origin}, the operator." in ran.text
    answer = town.run(CUSTOMS, "verdict", trip, "--json").json
    assert (answer["by"], answer["shipment"]) == (town.stage.ledger.genesis.origin, trip)
    assert ran.code == {"accepted": 0, "rejected": 1, "incomplete": 2}[answer["outcome"]]


def test_what_is_not_yours_does_not_come(town: Town) -> None:
    uri = town.opened(EXPORTER)["subject"]
    out = town.new("dossier.zip")
    refused(town.run(CUSTOMS, "dossier", uri, "--out", out), 1, "subject-unknown")
    refused(town.run(CUSTOMS, "verdict", uri), 64, "subject-unknown")
    refused(town.run(CUSTOMS, "receipt", opening(town, uri), "--out", out), 1, "statement-unknown")
    refused(town.run(CUSTOMS, "statement", "get", opening(town, uri), "--out", out), 1, "statement-unknown")
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "which-subject"),
        (("$TRIP", "--shipment", "$TRIP"), "which-subject"),
        (("$TRIP", "--audience", CUSTOMS), "local-options"),
        (("$TRIP", "--stream", "x"), "local-options"),
    ],
)
def test_options_that_do_not_go_together_are_said(
    town: Town, trip: str, arguments: tuple[str, ...], reason: str
) -> None:
    words = [word.replace("$TRIP", trip) for word in arguments]
    refused(town.run(CUSTOMS, "dossier", *words, "--out", town.new("dossier.zip")), 2, reason)


@pytest.mark.parametrize("option", [("--audience", CUSTOMS), ("--chain", "00" * 32)])
def test_a_receipt_from_a_ledger_takes_no_options_of_a_folder(town: Town, option: tuple[str, str]) -> None:
    refused(town.run(CUSTOMS, "receipt", "00" * 32, *option), 2, "local-options")


def test_without_a_ledger_and_a_folder_there_is_nothing_to_ask(trip: str, tmp_path: Path) -> None:
    refused(corridor("receipt", "00" * 32), 2, "no-url")
    refused(corridor("dossier", trip, "--out", tmp_path / "x"), 2, "no-url")


def test_a_ledger_that_is_gone_is_said_in_one_line(town: Town, trip: str) -> None:
    with serving(lambda _path, _body: (200, "", b"")) as url:
        pass
    for command in (["verdict", trip], ["custody", trip]):
        ran = corridor(*command, "--to", url, *town.signing(CUSTOMS))
        refused(ran, 4, "ledger-unreachable")


@pytest.mark.parametrize(
    ("body", "code"), [(b"<html>", 1), (b"{}", 1), (b"[" * 100_000, 1), (b"\x00" * 200_000, 1)]
)
def test_a_server_that_is_no_ledger_gets_nothing_and_is_believed_nothing(
    town: Town, trip: str, body: bytes, code: int
) -> None:
    with serving(lambda _path, _body: (200, "application/json", body)) as url:
        refused(corridor("custody", trip, "--to", url, *town.signing(CUSTOMS)), code, "wrong-answer")


def test_the_service_of_another_log_is_noticed(town: Town, trip: str) -> None:
    """The genesis document that is asked for decides, and what was remembered of a URL."""
    other = town.folder / "other.json"
    other.write_bytes(a_genesis().document)
    ran = town.run(EXPORTER, "stream", "grant", trip, "--member", CUSTOMS, "--genesis", other)
    refused(ran, 1, "other-log")
