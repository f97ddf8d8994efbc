"""`corridor registry` and `organisation` on a real chain: what is done with them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ledger.chain.contracts import ANCHOR, REGISTRY, Interface
from ledger.chain.refusals import WORDS
from ledger.domain.enrolment import Application
from ledger.keys.files import KeyFile, KeyKind
from tests.builders import CUSTOMS, a_p256_key, a_signer
from tests.cli.corridor import corridor, refused
from tests.cli.house import DEVICE, NEW, PASSPHRASE, House, a_house
from tests.domain.certificates import a_chain
from tests.integration.stage import FOUNDERS


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A ledger with a new organisation in it."""
    with a_house(tmp_path_factory.mktemp("registry")) as house:
        yield house


def test_what_was_agreed_is_shown(house: House) -> None:
    shown = house.shown()
    assert [one["name"] for one in shown["roles"] if one["ended"] is None] == ["exporter"]
    assert [(one["thumbprint"], one["use"]) for one in shown["keys"][:2]] == [
        (a_signer("new").key.thumbprint.hex(), 1),
        (DEVICE, 2),
    ]
    listed = house.reads("registry", "participants", "--json").json
    assert [one["uri"] for one in listed] == sorted([NEW, *(one.uri for one in FOUNDERS)])
    for ran in (house.reads("organisation", "show", NEW), house.reads("registry", "participants")):
        assert (ran.code, "exporter" in ran.text, NEW in ran.text) == (0, True, True)


def test_a_node_serves_as_well_as_a_data_folder(house: House) -> None:
    over_node = corridor("registry", "participants", *house.node, "--json")
    assert over_node.json == house.reads("registry", "participants", "--json").json


def test_a_proposal_is_read_in_words_and_taken_back(house: House) -> None:
    (proposal,) = house.proposes("role-begin", NEW, "packer")
    assert house.reads("registry", "show", proposal, "--json").json == {
        "proposal": proposal,
        "by": CUSTOMS,
        "does": f"ParticipantRegistry.beginRole: organisation {NEW}, role packer",
        "state": "open",
    }
    assert proposal in house.reads("registry", "proposals").text
    assert house.acts("one", "registry", "withdraw", proposal).code == 0
    assert proposal not in house.reads("registry", "proposals").text
    assert f"{proposal}  withdrawn" in house.reads("registry", "proposals", "--all").text


def test_an_admission_is_proposed_from_an_application(house: House) -> None:
    (house.folder / "agreement").write_bytes(b"signed")
    uri = "https://admitted.example"
    applied = corridor(
        *("organisation", "apply", "--key", house.file("other.key"), "--iss", uri),
        *("--admin", "0x" + "0a" * 20, "--role", "packer", "--role", "exporter"),
        *("--legal-name", "Admitted", "--country", "GT", "--identifier", "gln:7412345000011"),
        *("--proofing", "low", "--proofed-by", "a notary", "--agreement", house.file("agreement")),
        *("--genesis", house.node[-1], "--out", house.file("application"), "--json", *house.passphrase),
    )
    assert applied.json["state"] == "signed"
    sent = corridor("organisation", "send", house.file("application"), "--to", house.stage.url, "--json")
    assert sent.json == applied.json | {"state": "pending"}
    proposals = house.proposes("admission", house.file("application"))
    assert len(proposals) == 3
    assert house.acts("two", "registry", "approve", *proposals).code == 0
    roles = {one["name"] for one in house.shown(uri)["roles"]}
    assert roles == {"packer", "exporter"}
    house.stage.ticks.ahead += 2
    status = corridor("organisation", "status", applied.json["id"], "--to", house.stage.url, "--json").json
    assert (status["state"], status["roles_given"]) == ("enrolled", ["exporter", "packer"])


def test_an_application_shows_the_certificates_of_a_file(house: House) -> None:
    (house.folder / "agreement").write_bytes(b"signed")
    lines = (f"-----BEGIN CERTIFICATE-----\n{one}\n-----END CERTIFICATE-----\n" for one in a_chain())
    (house.folder / "chain.pem").write_text("".join(lines))
    ran = corridor(
        *("organisation", "apply", "--key", house.file("other.key"), "--iss", "https://sealed.example"),
        *("--admin", "0x" + "0d" * 20, "--role", "packer", "--legal-name", "Sealed", "--country", "GT"),
        *("--identifier", "scac:XXXU", "--proofing", "high", "--proofed-by", "a trust service"),
        *("--agreement", house.file("agreement"), "--x509", house.file("chain.pem")),
        *("--genesis", house.node[-1], "--out", house.file("sealed"), *house.passphrase),
    )
    assert ran.code == 0, ran
    read = Application.parse(house.file("sealed").read_bytes())
    assert read.body["x509"] == list(a_chain())


def test_a_suspicion_by_time_begins_with_the_first_block_that_is_not_older(house: House) -> None:
    client = house.stage.ledger.client
    key = KeyFile(KeyKind.STATEMENT, NEW, a_p256_key("suspect"))
    key.save(house.file("suspect.key"), PASSPHRASE, rounds=1)
    assert house.acts("new", "registry", "key-add", house.file("suspect.key")).code == 0
    thumbprint = key.signer.key.thumbprint.hex()
    start = next(one["from"] for one in house.shown()["keys"] if one["thumbprint"] == thumbprint)
    assert house.stage.ledger.embedded is not None
    house.stage.clock.now += 100
    house.stage.ledger.embedded.mine(3)
    later = client.head()
    suspect = ("registry", "key-suspect", thumbprint, "--since")
    for block, moment in ((later.number, _rfc3339(later.time)), (start, "1970-01-01T00:00:00Z")):
        ran = house.acts("new", *suspect, moment, "--json")
        assert ran.json["suspect_since"] == block, ran
    refused(house.acts("new", *suspect, "2100-01-01T00:00:00Z"), 2, "time-ahead")
    refused(house.acts("new", *suspect, str(start)), 1, "reverted")


def _rfc3339(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_an_organisation_is_handed_to_another_account(house: House) -> None:
    address = json.loads(house.file("next.json").read_bytes())["address"]
    assert house.acts("new", "registry", "admin-change", "0x" + address).code == 0
    refused(house.acts("new", "registry", "key-end", DEVICE), 2, "not-an-admin")
    back = json.loads(house.file("new.json").read_bytes())["address"]
    assert house.acts("next", "registry", "admin-change", "0x" + back).code == 0
    assert house.shown()["admin"] == "0x" + back.lower()


def test_a_recovery_is_proposed_and_vetoed(house: House) -> None:
    house.agrees("recovery", NEW, "--admin", "0x" + "0b" * 20)
    assert "not over" in house.acts("one", "registry", "recovery-complete", NEW).err
    assert house.acts("new", "registry", "recovery-veto").code == 0
    assert "no recovery waits" in house.acts("new", "registry", "recovery-veto").err


def test_an_account_is_made_and_never_replaced(house: House) -> None:
    out = house.file("made.json")
    made = corridor("registry", "account-new", "--out", out, *house.passphrase, "--json")
    assert made.json["account"] == "0x" + json.loads(out.read_bytes())["address"].removeprefix("0x").lower()
    refused(corridor("registry", "account-new", "--out", out, *house.passphrase), 1, "file-exists")


def test_every_error_in_words_is_one_of_the_contracts() -> None:
    known = {one["name"] for name in (REGISTRY, ANCHOR) for one in Interface.load(name).errors.values()}
    assert known >= WORDS.keys()
