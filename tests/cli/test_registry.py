"""`corridor registry` and `organisation` on a real chain: what is done, and what is refused in words."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from ledger.chain.contracts import ANCHOR, REGISTRY, Interface
from ledger.chain.refusals import WORDS
from ledger.keys.evm import save_account
from ledger.keys.files import KeyFile, KeyKind
from tests.builders import CUSTOMS, a_p256_key, a_signer, an_ed25519_key, seeded
from tests.chain.chains import Hands
from tests.cli.corridor import Ran, corridor, refused
from tests.integration.stage import FOUNDERS, ORIGIN, Stage, a_stage

PASSPHRASE = "correct horse"
NEW = "https://new.example"
DEVICE = a_signer("device").key.thumbprint.hex()


@dataclass
class House:
    """A ledger that runs, with accounts and keys in files beside it.

    Args:
        stage: The ledger.
        folder: Where the files are.
    """

    stage: Stage
    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name

    @property
    def data(self) -> tuple[str, str]:
        return "--data", str(self.stage.ledger.settings.data)

    @property
    def passphrase(self) -> tuple[object, ...]:
        return "--passphrase-file", self.file("passphrase")

    @property
    def node(self) -> tuple[str, ...]:
        assert self.stage.ledger.embedded is not None
        genesis = self.stage.ledger.settings.data / "genesis.json"
        return "--rpc", self.stage.ledger.embedded.url, "--genesis", str(genesis)

    def reads(self, *words: object) -> Ran:
        return corridor(*words, *self.data)

    def acts(self, account: str, *words: object) -> Ran:
        options = ("--account", self.file(f"{account}.json"), *self.passphrase, "--yes")
        return corridor(*words, *self.data, *options)

    def proposes(self, *words: object, by: str = "one") -> list[str]:
        ran = self.acts(by, "registry", "propose", *words, "--json")
        assert ran.code == 0, ran
        return [one["proposal"] for one in ran.json]

    def agrees(self, *words: object) -> None:
        ran = self.acts("two", "registry", "approve", *self.proposes(*words))
        assert ran.code == 0, ran

    def shown(self, uri: str = NEW) -> Any:
        return self.reads("organisation", "show", uri, "--json").json


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A ledger with a new organisation in it, and two keys."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "passphrase").write_text(PASSPHRASE)
    accounts = {"one": FOUNDERS[0].account, "two": FOUNDERS[1].account}
    accounts |= {
        name: Account.from_key(seeded(("registry cli", name), 32)) for name in ("new", "next", "nobody")
    }
    for name, account in accounts.items():
        save_account(folder / f"{name}.json", PASSPHRASE, account, scrypt_cost=2)
    for name in ("new", "device", "other"):
        KeyFile(KeyKind.STATEMENT, NEW, a_p256_key(name)).save(folder / f"{name}.key", PASSPHRASE, rounds=1)
    KeyFile(KeyKind.LOG, ORIGIN, an_ed25519_key("log")).save(folder / "log.key", PASSPHRASE, rounds=1)
    # Commands sign by the machine's clock, so the ledger goes by it, too.
    with a_stage(folder, clock=Hands(int(time.time())), block_seconds=0.02) as stage:
        house = House(stage, folder)
        house.agrees("enrol", NEW, "--admin", accounts["new"].address)
        house.agrees("role-begin", NEW, "exporter")
        assert house.acts("new", "registry", "key-add", house.file("new.key")).code == 0
        assert house.acts("new", "registry", "key-add", house.file("device.key"), "--use", "device").code == 0
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


REFUSED: dict[str, tuple[Callable[[House], Ran], int, str, str]] = {
    "a proposal by nobody": (
        lambda h: h.acts("nobody", "registry", "propose", "role-begin", NEW, "packer"),
        1,
        "reverted",
        "only the admin of an organisation with the role governor",
    ),
    "a proposal by an organisation that does not govern": (
        lambda h: h.acts("new", "registry", "propose", "role-begin", NEW, "packer"),
        1,
        "reverted",
        "role governor",
    ),
    "approving one's own proposal": (
        lambda h: h.acts("one", "registry", "approve", *h.proposes("role-begin", NEW, "lab")),
        1,
        "reverted",
        "another one has to approve",
    ),
    "approving what fails": (
        lambda h: h.acts("two", "registry", "approve", *h.proposes("role-begin", NEW, "exporter")),
        1,
        "reverted",
        "has this role already",
    ),
    "approving what is not there": (
        lambda h: h.acts("two", "registry", "approve", "0x" + "11" * 32),
        1,
        "proposal-unknown",
        "no proposal",
    ),
    "withdrawing another's proposal": (
        lambda h: h.acts("two", "registry", "withdraw", *h.proposes("role-begin", NEW, "broker")),
        1,
        "reverted",
        "only the organisation that proposed it",
    ),
    "a proposal with a name of another form": (
        lambda h: h.reads("registry", "show", "0x1234"),
        1,
        "malformed-field",
        "PROPOSAL",
    ),
    "a role that the corridor does not have": (
        lambda h: h.acts("one", "registry", "propose", "role-begin", NEW, "emperor"),
        2,
        "unknown-role",
        "exporter",
    ),
    "an admin that is no address": (
        lambda h: h.acts("one", "registry", "propose", "enrol", "https://x.example", "--admin", "0x12"),
        1,
        "malformed-field",
        "--admin",
    ),
    "a key for another organisation's account": (
        lambda h: h.acts("one", "registry", "key-end", DEVICE),
        1,
        "reverted",
        "another organisation's",
    ),
    "a key that was added before": (
        lambda h: h.acts("new", "registry", "key-add", h.file("new.key")),
        1,
        "reverted",
        "was added before",
    ),
    "a key that is no statement key": (
        lambda h: h.acts("new", "registry", "key-add", h.file("log.key")),
        2,
        "wrong-key-kind",
        "log key",
    ),
    "a key that is not there": (
        lambda h: h.acts("new", "registry", "key-add", h.file("none.key")),
        1,
        "no-file",
        "none.key",
    ),
    "an account that is not there": (
        lambda h: h.acts("ghost", "registry", "key-end", DEVICE),
        1,
        "no-file",
        "ghost.json",
    ),
    "a key that nobody knows": (
        lambda h: h.acts("new", "registry", "key-end", "22" * 32),
        1,
        "reverted",
        "does not know this key",
    ),
    "a suspicion in the future": (
        lambda h: h.acts("new", "registry", "key-suspect", DEVICE, "--since", "99999999"),
        1,
        "reverted",
        "a suspicion begins",
    ),
    "a suspicion at no time": (
        lambda h: h.acts("new", "registry", "key-suspect", DEVICE, "--since", "yesterday"),
        1,
        "malformed-field",
        "--since",
    ),
    "a log closed beyond its anchors": (
        lambda h: h.acts(
            "two",
            "registry",
            "approve",
            *h.proposes("log-close", "--last-good-size", "999999"),
        ),
        1,
        "reverted",
        "no anchor of this size",
    ),
    "nobody there to confirm": (
        lambda h: corridor(
            "registry", "key-end", DEVICE, *h.data, *h.passphrase, "--account", h.file("new.json")
        ),
        2,
        "not-confirmed",
        "--yes",
    ),
    "no place named": (lambda h: corridor("registry", "participants"), 2, "where", "--data"),
    "two places named": (
        lambda h: corridor("registry", "participants", *h.data, *h.node),
        2,
        "where",
        "--rpc",
    ),
    "a node without a genesis document": (
        lambda h: corridor("registry", "participants", *h.node[:2]),
        2,
        "where",
        "--genesis",
    ),
    "a node that is none": (
        lambda h: corridor("registry", "participants", "--rpc", "http://127.0.0.1:9", *h.node[2:]),
        4,
        "chain-unreachable",
        "127.0.0.1:9",
    ),
    "a profile of another corridor": (
        lambda h: corridor("registry", "participants", *h.node, "--profile", h.file("new.key")),
        2,
        "other-profile",
        "genesis document",
    ),
    "a folder that is none": (
        lambda h: corridor("registry", "participants", "--data", h.folder / "nowhere"),
        1,
        "no-data",
        "nowhere",
    ),
    "an organisation that nobody knows": (
        lambda h: h.reads("organisation", "show", "https://unknown.example"),
        1,
        "organisation-unknown",
        "no organisation",
    ),
    "an application that is none": (
        lambda h: h.acts("one", "registry", "propose", "admission", h.file("new.key")),
        1,
        "cose-serialisation",
        "new.key",
    ),
    "an application that goes nowhere": (
        lambda h: applies(h),  # noqa: PLW0108 - it is defined below
        2,
        "nowhere",
        "--out",
    ),
    "an identifier without a scheme": (
        lambda h: applies(h, "--out", h.file("x"), identifier="7412345000011"),
        2,
        "bad-identifier",
        "SCHEME:VALUE",
    ),
    "an identifier with a wrong check digit": (
        lambda h: applies(h, "--out", h.file("x"), identifier="gln:7412345000012"),
        1,
        "malformed-field",
        "identifiers.0.value",
    ),
    "an agreement that is not there": (
        lambda h: applies(h, "--out", h.file("x"), agreement="none.pdf"),
        1,
        "no-file",
        "none.pdf",
    ),
    "certificates that are none": (
        lambda h: applies(h, "--out", h.file("x"), "--x509", h.file("new.key")),
        1,
        "bad-certificate",
        "new.key",
    ),
}


def applies(house: House, *words: object, identifier: str = "scac:XXXU", agreement: str = "new.key") -> Ran:
    return corridor(
        *("organisation", "apply", "--key", house.file("other.key"), "--iss", "https://x.example"),
        *("--admin", "0x" + "0c" * 20, "--role", "packer", "--legal-name", "X", "--country", "GT"),
        *("--identifier", identifier, "--proofing", "low", "--proofed-by", "nobody"),
        *("--agreement", house.file(agreement), "--genesis", house.node[-1], *house.passphrase, *words),
    )


@pytest.mark.parametrize(("act", "exit_code", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_in_words(
    house: House, act: Callable[[House], Ran], exit_code: int, code: str, words: str
) -> None:
    before = house.shown()
    ran = act(house)
    refused(ran, exit_code, code)
    assert words in ran.err
    assert house.shown() == before


def test_every_error_in_words_is_one_of_the_contracts() -> None:
    known = {one["name"] for name in (REGISTRY, ANCHOR) for one in Interface.load(name).errors.values()}
    assert known >= WORDS.keys()
