"""`corridor outbox`: what waits, what went, what was refused, and when each of it was."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.statement import StatementFile
from tests.builders import CUSTOMS, EXPORTER, a_genesis, a_trip, an_author
from tests.cli.corridor import Ran, corridor, corridor_alone, corridor_process, refused
from tests.cli.servers import serving
from tests.cli.town import STRANGER, Town

TRIP = a_trip()


def waiting(town: Town, folder: Path, count: int = 2, *, by: str = EXPORTER) -> list[str]:
    """Sign statements of a new trip without a network, and return their ids, the opening first."""
    outbox = ("--outbox", folder, "--genesis", town.folder / "genesis.json", "--json")
    secret = town.new("secret")
    opening = corridor(
        *("subject", "open", "--type", "trip", "--number", "MSKU1234565", "--secret", secret),
        *(*outbox, *town.signing(by)),
    )
    assert opening.code == 0, opening
    ids = [opening.json["id"]]
    for lane in range(count - 1):
        body = town.body(occurred_at="2026-11-06T13:00:00-06:00", lane=lane)
        said = corridor(
            *("statement", "say", "seal-check", "--subject", opening.json["subject"]),
            *("--stream", opening.json["stream"], "--body", body, *outbox, *town.signing(by)),
        )
        assert said.code == 0, said
        ids.append(said.json["id"])
    return ids


def outbox(command: str, folder: Path, *more: object) -> Ran:
    return corridor("outbox", command, "--outbox", folder, *more)


def states(folder: Path) -> dict[str, str]:
    return {one["id"]: one["state"] for one in outbox("list", folder, "--json").json["statements"]}


def test_what_was_signed_without_a_network_goes_on_record_later(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    ids = waiting(town, folder, 4)
    assert states(folder) == dict.fromkeys(ids, "waiting")
    sent = outbox("send", folder, "--to", town.stage.url)
    assert (sent.code, sent.err) == (0, ""), sent
    assert [line.split()[0] for line in sent.text.splitlines()] == ids
    assert states(folder) == dict.fromkeys(ids, "sent")
    again = outbox("send", folder, "--to", town.stage.url)
    assert (again.code, again.out) == (0, b"")


def test_the_times_are_kept_apart(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    opening, said = waiting(town, folder)
    town.did(EXPORTER, "session", "check")
    assert outbox("send", folder, "--to", town.stage.url).code == 0
    town.stage.anchor()
    asking = ("--to", town.stage.url, *town.signing(EXPORTER))
    listed = {one["id"]: one for one in outbox("list", folder, "--json", *asking).json["statements"]}
    one = listed[said]
    assert (one["state"], one["occurred"]) == ("final", "2026-11-06T13:00:00-06:00")
    assert one["signed"] <= one["received"] <= one["anchored"]
    # Where nobody says when it happened, it happened as it was signed.
    assert listed[opening]["occurred"] <= listed[opening]["signed"] <= listed[said]["signed"]
    text = outbox("list", folder, *asking).text
    assert f"{said}  seal-check  final\n    occurred      2026-11-06T13:00:00-06:00\n    signed" in text


def test_a_ledger_that_cannot_be_reached_leaves_all_of_it(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    ids = waiting(town, folder)
    with serving(lambda _path, _body: (200, "", b"")) as url:
        pass
    refused(outbox("send", folder, "--to", url), 4, "ledger-unreachable")
    assert states(folder) == dict.fromkeys(ids, "waiting")


def test_a_refusal_is_shown_with_its_reason_and_what_to_do(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    (unknown,) = waiting(town, folder, 1, by=STRANGER)
    sent = outbox("send", folder, "--to", town.stage.url)
    assert (sent.code, sent.reason, unknown in sent.err) == (4, "key-unknown", True)
    assert "sent again the next time" in sent.err
    assert states(folder) == {unknown: "waiting"}
    assert "key-unknown" in outbox("list", folder).text


def test_a_refusal_for_good_waits_until_it_is_retried(town: Town, tmp_path: Path) -> None:
    folder, file = tmp_path / "outbox", town.new("x.statement")
    author = town.stage.author(EXPORTER)
    signed = author.says("decision", TRIP, iat=town.stage.clock())
    file.write_bytes(StatementFile(signed.raw, signed.disclosures).encode())
    name = signed.statement.id.hex()
    assert outbox("add", folder, file).text == f"{name}  waiting\n"
    sent = outbox("send", folder, "--to", town.stage.url)
    assert (sent.code, sent.reason) == (1, "kind-not-allowed")
    assert states(folder) == {name: "refused"}
    assert outbox("send", folder, "--to", town.stage.url).code == 0
    assert outbox("retry", folder, name).code == 0
    assert states(folder) == {name: "waiting"}
    assert outbox("send", folder, "--to", town.stage.url).code == 1
    assert outbox("forget", folder, name).code == 0
    assert states(folder) == {}


def test_what_was_never_on_record_is_not_forgotten_by_accident(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    (name,) = waiting(town, folder, 1)
    refused(outbox("forget", folder, name), 2, "still-waiting")
    assert states(folder) == {name: "waiting"}
    assert outbox("forget", folder, name, "--yes").code == 0
    assert states(folder) == {}


def test_what_is_for_another_log_stays_and_is_said(town: Town, tmp_path: Path) -> None:
    folder, file = tmp_path / "outbox", town.new("x.statement")
    signed = an_author(genesis=a_genesis()).says("seal-check", TRIP)
    file.write_bytes(StatementFile(signed.raw, signed.disclosures).encode())
    outbox("add", folder, file)
    sent = outbox("send", folder, "--to", town.stage.url)
    assert (sent.code, sent.reason) == (1, "other-log")
    assert list(states(folder).values()) == ["waiting"]


def test_a_damaged_statement_is_set_aside_and_said(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    first, second = waiting(town, folder)
    (place,) = (folder / "waiting").glob(f"*{second}")
    (place / "statement").write_bytes(b"\x00")
    assert "[outbox-damaged]" in outbox("list", folder).err
    sent = outbox("send", folder, "--to", town.stage.url)
    assert (sent.code, "set aside" in sent.err) == (1, True)
    assert sent.text.split()[0] == first
    assert states(folder) == {first: "sent"}
    shutil.rmtree(folder / "damaged")


@pytest.mark.parametrize(
    ("command", "arguments", "code", "reason"),
    [
        ("add", ["/nowhere.statement"], 1, "no-file"),
        ("retry", ["00" * 32], 1, "no-outbox"),
        ("forget", ["00" * 32], 1, "no-outbox"),
        ("send", ["--to", "nowhere"], 2, "bad-url"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(
    tmp_path: Path, command: str, arguments: list[Any], code: int, reason: str
) -> None:
    refused(outbox(command, tmp_path / "outbox", *arguments), code, reason)
    assert not (tmp_path / "outbox").exists()


def test_an_outbox_that_is_a_file_is_said(tmp_path: Path) -> None:
    file, statement = tmp_path / "outbox", tmp_path / "x.statement"
    file.write_text("")
    signed = an_author().says("seal-check", TRIP)
    statement.write_bytes(StatementFile(signed.raw, signed.disclosures).encode())
    refused(outbox("add", file, statement), 1, "not-a-folder")


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    """The size of files is limited: the same error as of a full disk."""
    folder, statement = tmp_path / "outbox", tmp_path / "x.statement"
    author = an_author()
    for number in range(2):
        signed = author.says("seal-check", TRIP, {"number": number})
        statement.write_bytes(StatementFile(signed.raw, signed.disclosures).encode())
        if number == 0:
            assert outbox("add", folder, statement).code == 0
    before = states(folder)
    script = 'ulimit -f 0; trap "" XFSZ; exec "$@"'
    full = corridor_process(
        "outbox", "add", statement, "--outbox", folder, prefix=["bash", "-c", script, "bash"]
    )
    refused(full, 4, "cannot-write")
    assert states(folder) == before
    assert not list((folder / "tmp").iterdir())


def test_a_gate_needs_no_server_software(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    (name,) = waiting(town, folder, 1)
    sent = corridor_alone("outbox", "send", "--outbox", folder, "--to", town.stage.url)
    assert (sent.code, sent.text.split()[0]) == (0, name), sent
    checked = corridor_alone("session", "check", "--to", town.stage.url, *town.signing(CUSTOMS))
    assert checked.code == 0, checked
