"""`corridor subject`, `stream`, `session` and `statement say|follow`, against a real ledger."""

import json
from pathlib import Path

import pytest

from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import corridor, refused
from tests.cli.town import STRANGER, Town


def test_a_session_says_who_you_are(town: Town) -> None:
    checked = town.did(EXPORTER, "session", "check")
    assert (checked["organisation"], checked["roles"]) == (EXPORTER, ["exporter"])
    assert checked["genesis"] == town.stage.ledger.genesis.hash.hex()
    assert "token" not in json.dumps(checked)


def test_a_key_that_nobody_registered_opens_no_session(town: Town) -> None:
    refused(town.run(STRANGER, "session", "check"), 1, "key-unknown")


def test_a_key_of_another_organisation_opens_no_session(town: Town) -> None:
    refused(town.run(EXPORTER, "session", "check", "--iss", CUSTOMS), 1, "issuer-mismatch")


def test_what_is_opened_is_listed_and_shown(town: Town) -> None:
    opened = town.opened(EXPORTER, "MSKU1111112")
    listed = town.did(EXPORTER, "subject", "list", "--number", "MSKU1111112", "--type", "trip")
    assert [one["uri"] for one in listed] == [opened["subject"]]
    shown = town.did(EXPORTER, "subject", "show", opened["subject"])
    assert [one["kind"] for one in shown["statements"]] == ["subject-opened"]
    assert shown["streams"] == [{"name": "custody", "tag": opened["stream"]}]
    text = town.run(EXPORTER, "subject", "list").text
    assert f"{opened['subject']}  {EXPORTER}\n" in text
    assert opened["stream"] in town.run(EXPORTER, "subject", "show", opened["subject"]).text


def test_a_subject_is_hidden_from_whoever_is_in_none_of_its_streams(town: Town) -> None:
    uri = town.opened(EXPORTER)["subject"]
    refused(town.run(CUSTOMS, "subject", "show", uri), 1, "subject-unknown")
    assert uri not in [one["uri"] for one in town.did(CUSTOMS, "subject", "list")]


def test_a_secret_is_a_file_of_its_owner_and_is_never_overwritten(town: Town) -> None:
    opened = town.opened(EXPORTER)
    secret = Path(opened["secret"])
    assert secret.stat().st_mode & 0o777 == 0o600
    before, size = secret.read_bytes(), town.stage.ledger.store.size()
    again = town.run(
        EXPORTER, "subject", "open", "--type", "trip", "--number", "MSKU1234565", "--secret", secret
    )
    refused(again, 1, "file-exists")
    assert (secret.read_bytes(), town.stage.ledger.store.size()) == (before, size)


def test_an_authority_opens_a_restricted_stream_that_the_other_parties_do_not_see(town: Town) -> None:
    opened = town.opened(EXPORTER)
    uri, secret = opened["subject"], town.new("enforcement.secret")
    town.did(CUSTOMS, "stream", "join", opened["secret"])
    told = town.did(CUSTOMS, "stream", "open", uri, "--name", "enforcement", "--secret", secret)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert [one["name"] for one in town.did(CUSTOMS, "subject", "show", uri)["streams"]] == [
        "custody",
        "enforcement",
    ]
    seen = town.did(EXPORTER, "subject", "show", uri)
    assert [one["name"] for one in seen["streams"]] == ["custody"]
    assert told["id"] not in [one["id"] for one in seen["statements"]]
    assert town.did(ORIGIN_PORT, "stream", "join", secret)["stream"] == told["stream"]


def test_who_is_no_authority_opens_no_restricted_stream(town: Town) -> None:
    uri, secret = town.opened(EXPORTER)["subject"], town.new("enforcement.secret")
    ran = town.run(EXPORTER, "stream", "open", uri, "--name", "enforcement", "--secret", secret)
    refused(ran, 1, "kind-not-allowed")


def test_who_shows_the_secret_or_is_let_in_is_a_member(town: Town) -> None:
    opened = town.opened(EXPORTER)
    uri, secret = opened["subject"], opened["secret"]
    joined = town.did(CUSTOMS, "stream", "join", secret)
    assert joined == {"subject": uri, "name": "custody", "stream": opened["stream"]}
    town.did(EXPORTER, "stream", "grant", uri, "--member", ORIGIN_PORT)
    members = town.did(ORIGIN_PORT, "stream", "members", uri)["members"]
    assert {one["organisation"] for one in members} == {EXPORTER, CUSTOMS, ORIGIN_PORT}
    text = town.run(ORIGIN_PORT, "stream", "members", uri, "--stream", opened["stream"]).text
    assert ORIGIN_PORT in text


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (b"", 1, "json-syntax"),
        (b"{}", 1, "missing-field"),
        (b'{"format":"other","subject":"","name":"","tag":"","secret":""}', 1, "unknown-format"),
        (
            b'{"format":"corridor-stream/1","subject":"","name":"","tag":"","secret":"%s"}' % (b"00" * 16),
            1,
            "wrong-secret",
        ),
        (b" " * 5000, 2, "too-large"),
    ],
)
def test_a_secret_that_is_none_is_not_shown_to_anybody(
    town: Town, content: bytes, code: int, reason: str
) -> None:
    file = town.new("secret")
    file.write_bytes(content)
    refused(town.run(CUSTOMS, "stream", "join", file), code, reason)


def test_a_secret_of_no_stream_is_unknown(town: Town) -> None:
    file = town.new("secret")
    ran = corridor("subject", "new", "--type", "trip", "--number", "X", "--iss", EXPORTER, "--json").json
    file.write_text(
        json.dumps(
            {
                "format": "corridor-stream/1",
                "subject": ran["subject"],
                "name": "custody",
                "tag": ran["stream"],
                "secret": ran["secret"],
            }
        )
    )
    assert town.run(CUSTOMS, "stream", "join", file).code == 1


def test_links_are_made_and_ended(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    goods = town.opened(EXPORTER, "MAEU.BL1", "consignment")["subject"]
    town.did(EXPORTER, "subject", "link", goods, "stuffed-in", trip)
    links = town.did(EXPORTER, "subject", "show", trip)["links"]["links"]
    assert len(links) == 1
    town.did(EXPORTER, "subject", "unlink", goods, "stuffed-in", trip)
    shown = town.did(EXPORTER, "subject", "show", goods)
    assert [one["kind"] for one in shown["statements"]] == ["subject-opened", "link", "link-ended"]


def test_a_link_that_makes_no_sense_is_not_signed(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    goods = town.opened(EXPORTER, "MAEU.BL2", "consignment")["subject"]
    size = town.stage.ledger.store.size()
    refused(town.run(EXPORTER, "subject", "link", trip, "stuffed-in", goods), 2, "bad-link")
    refused(town.run(EXPORTER, "subject", "link", "urn:x", "stuffed-in", goods), 1, "malformed-subject")
    refused(town.run(EXPORTER, "subject", "link", goods, "beside", trip), 2, "usage")
    bad_time = town.run(EXPORTER, "subject", "link", goods, "stuffed-in", trip, "--at", "yesterday")
    refused(bad_time, 1, "malformed-field")
    assert town.stage.ledger.store.size() == size


def test_a_statement_is_said_and_followed_until_it_is_final(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    body = town.body(seals_applied=[{"number": "GT1"}], note="x")
    copy = town.new("seal.statement")
    told = town.did(
        EXPORTER, "statement", "say", "seal-applied", "--subject", trip, "--body", body, "--out", copy
    )
    assert told["state"] == "logged"
    assert corridor("statement", "show", copy, "--json").json["id"] == told["id"]
    early = town.run(EXPORTER, "statement", "follow", told["id"], "--timeout", 0)
    assert (early.code, early.reason, early.text[:6]) == (4, "not-final", "logged")
    town.stage.anchor()
    followed = town.run(EXPORTER, "statement", "follow", told["id"])
    assert (followed.code, followed.text.splitlines()[-1][:5]) == (0, "final")
    refused(town.run(CUSTOMS, "statement", "follow", told["id"]), 1, "statement-unknown")


def test_what_the_ledger_finds_strange_is_refused_and_goes_on_record_when_asked(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    body = town.body(occurred_at="2026-01-01T00:00:00Z", seals_removed=[{"number": "NEVER"}])
    command = ("statement", "say", "seal-check", "--subject", trip, "--body", body)
    strict, lenient = town.run(EXPORTER, *command), town.run(EXPORTER, *command, "--lenient")
    assert strict.code == 1, strict
    assert lenient.code == 0
    assert f"[{strict.reason}]" in lenient.err


def test_nothing_is_signed_for_a_subject_of_others(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    said = town.run(CUSTOMS, "statement", "say", "seal-check", "--subject", trip, "--body", town.body())
    refused(said, 1, "subject-unknown")


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"--to": "ledger.example"}, 2, "bad-url"),
        ({"--to": "http://127.0.0.1:8700/?x=1"}, 2, "bad-url"),
        ({"--to": "http://user:word@127.0.0.1:8700"}, 2, "bad-url"),
        ({"--to": "http://192.0.2.1:8700"}, 2, "not-private"),
        ({"--iss": "no uri"}, 1, "malformed-field"),
        ({"--key": "/nowhere/exporter.key"}, 1, "no-file"),
        ({"--passphrase-file": "/nowhere/words"}, 1, "no-file"),
    ],
)
def test_means_that_cannot_be_used_are_said_in_one_line(
    town: Town, changes: dict[str, str], code: int, reason: str
) -> None:
    options = {
        "--key": town.key(EXPORTER),
        "--passphrase-file": town.folder / "passphrase",
        "--to": town.stage.url,
    }
    words = [str(part) for option in (options | changes).items() for part in option]
    refused(corridor("session", "check", *words), code, reason)


def test_a_wrong_passphrase_and_a_key_for_something_else_are_said(town: Town) -> None:
    wrong = town.new("words")
    wrong.write_text("other\n")
    command = ("session", "check", "--to", town.stage.url, "--key", town.key(EXPORTER))
    refused(corridor(*command, "--passphrase-file", wrong), 2, "wrong-passphrase")
    witness = town.new("witness.key")
    corridor(
        "key", "new", "--kind", "witness", "--name", "w.example", "--out", witness, "--passphrase-file", wrong
    )
    refused(corridor(*command[:-1], witness, "--passphrase-file", wrong), 2, "wrong-key-kind")
