"""`corridor evidence share`, `recover`, `secrets`: who can open what, wrapped where the keys are."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest

from ledger.client import Service
from ledger.client.sharing import hand_over
from ledger.domain.wrapped import WrappedSecret
from ledger.evidence.sealing import wrap_secret
from ledger.verification.container import open_container
from ledger.verification.dossier import Dossier
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_signer, seeded
from tests.cli.corridor import corridor, refused
from tests.cli.town import Town
from tests.cli.users import STRANGER
from tests.tools.fixtures import age, age_keygen

__all__ = ["age", "age_keygen"]

SCAN = seeded("a scan that is shared", 300_000)


@dataclass
class Parties:
    """The exporter with a trip and keys on record, and its readers with theirs."""

    town: Town
    folder: Path
    trip: str
    subjects: dict[str, str]

    def identity(self, name: str) -> Path:
        """Return the file of an identity, made when it is first asked for."""
        path = self.folder / f"{name}.age"
        if not path.exists():
            path.write_text(f"{pyrage.x25519.Identity.generate()}\n")
        return path

    def recipient(self, name: str) -> str:
        """Return the recipient of an identity."""
        identity = pyrage.x25519.Identity.from_str(self.identity(name).read_text().strip())
        return str(identity.to_public())

    def says_keys(self, who: str, *names: str, escrow: str | None = None) -> Any:
        """Say for which keys an organisation reads."""
        if who not in self.subjects:
            number = who.removeprefix("https://").partition(".")[0].upper()
            self.subjects[who] = self.town.opened(who, number, "organisation")["subject"]
        words = [word for name in names for word in ("--recipient", self.recipient(name))]
        words += [] if escrow is None else ["--escrow", self.recipient(escrow)]
        return self.town.did(who, "organisation", "encryption-key", "--subject", self.subjects[who], *words)

    def adds(self, name: str = "scan.png", plain: bytes = SCAN, category: str = "scan") -> Path:
        """Seal a file as the exporter, put it on record, and return the file of the item."""
        out = self.folder / f"sealed-{name}"
        out.mkdir()
        (self.folder / name).write_bytes(plain)
        words = (
            "--media-type",
            "image/png",
            "--category",
            category,
            "--out",
            out,
            "--body",
            out / "body.json",
        )
        self.town.did(EXPORTER, "evidence", "add", self.folder / name, *words)
        said = ("--subject", self.trip, "--body", out / "body.json")
        self.town.did(EXPORTER, "statement", "say", "document", *said)
        return out / f"{name}.item.json"

    def shares(self, with_: str, *more: object) -> Any:
        """Share as the exporter."""
        words = ("--subject", self.trip, "--with", with_, "--identity", self.identity("exporter"))
        ran = self.town.run(EXPORTER, "evidence", "share", *words, *more, "--json")
        # Most here are shared with before they are let into the trip.
        assert (ran.code, ran.err != "") == (0, bool(ran.json["waiting"])), ran
        return ran.json

    def gets(self, who: str, item: Path, identity: str) -> Any:
        """Open an item with the secret that the ledger keeps for an organisation."""
        out = self.town.new("opened")
        ran = self.town.run(who, "evidence", "get", item, "--identity", self.identity(identity), "--out", out)
        return ran, out


@pytest.fixture
def parties(town: Town, tmp_path: Path) -> Parties:
    parties = Parties(town, tmp_path, town.opened(EXPORTER)["subject"], {})
    parties.says_keys(EXPORTER, "exporter", escrow="escrow")
    return parties


def test_what_is_shared_opens_for_whom_it_was_shared_with(parties: Parties) -> None:
    parties.says_keys(CUSTOMS, "customs")
    item = parties.adds()
    parties.town.did(EXPORTER, "stream", "grant", parties.trip, "--member", CUSTOMS)
    ran, _ = parties.gets(CUSTOMS, item, "customs")
    refused(ran, 1, "no-secret")
    shared = parties.shares(CUSTOMS, "--purpose", "release")
    assert (shared["shared"], shared["given_before"], len(shared["records"])) == (1, 0, 1)
    ran, out = parties.gets(CUSTOMS, item, "customs")
    assert (ran.code, out.read_bytes()) == (0, SCAN)
    # Who was admitted late finds all of it, and a second time there is nothing to do.
    assert parties.shares(CUSTOMS) == shared | {"shared": 0, "given_before": 1, "records": []}
    assert len(parties.shares(CUSTOMS, "--again")["records"]) == 1
    listed = parties.town.did(CUSTOMS, "evidence", "secrets", "--subject", parties.trip)
    assert [(one["category"], one["from"]) for one in listed] == [("scan", EXPORTER)]
    assert len(parties.town.did(EXPORTER, "evidence", "secrets", "--with", CUSTOMS)) == 1


def test_its_owner_opens_it_by_escrow_and_recovers(parties: Parties) -> None:
    item = parties.adds()
    for name in ("exporter", "escrow"):
        ran, out = parties.gets(EXPORTER, item, name)
        assert (ran.code, out.read_bytes()) == (0, SCAN)
    # The key is lost: another one is said, and what was wrapped for the old one is wrapped anew.
    parties.says_keys(EXPORTER, "new", escrow="escrow")
    readers = ("organisation", "readers", EXPORTER)
    refused(parties.town.run(EXPORTER, *readers), 1, "new-encryption-key")
    parties.town.did(EXPORTER, *readers, "--accept-new-key")
    recover = ("evidence", "recover", "--subject", parties.trip, "--identity")
    lost = parties.town.run(EXPORTER, *recover, parties.identity("nobody"))
    assert lost.code == 1
    assert "not-for-you" in lost.err
    recovered = parties.town.did(EXPORTER, *recover, parties.identity("escrow"))
    assert recovered == {"recovered": 1, "not_opened": []}
    for name, code in (("new", 0), ("escrow", 0), ("exporter", 1)):
        ran, _ = parties.gets(EXPORTER, item, name)
        assert ran.code == code, name


def test_who_shares_what_the_other_may_not_see_yet_is_told(parties: Parties) -> None:
    parties.says_keys(CUSTOMS, "customs")
    item = parties.adds()
    words = ("--subject", parties.trip, "--with", CUSTOMS, "--identity", parties.identity("exporter"))
    ran = parties.town.run(EXPORTER, "evidence", "share", *words, "--json")
    assert (ran.code, ran.json["shared"], ran.json["waiting"]) == (0, 1, 1)
    assert "corridor access grant" in ran.err
    refused(parties.gets(CUSTOMS, item, "customs")[0], 1, "no-secret")
    # Once it may see the item, what was wrapped before is given out, and nobody has to share again.
    parties.town.did(EXPORTER, "stream", "grant", parties.trip, "--member", CUSTOMS)
    ran, out = parties.gets(CUSTOMS, item, "customs")
    assert (ran.code, out.read_bytes()) == (0, SCAN)


def test_only_the_categories_that_are_named_are_shared(parties: Parties) -> None:
    parties.says_keys(CUSTOMS, "customs")
    parties.adds()
    parties.adds("a.pdf", b"paper", "paper")
    parties.adds("b.png", b"a plot", "rendition-scan")
    assert parties.shares(CUSTOMS, "--category", "scan")["shared"] == 2
    assert parties.shares(CUSTOMS)["shared"] == 1


def test_other_keys_than_before_are_not_taken_unseen(parties: Parties) -> None:
    parties.says_keys(CUSTOMS, "customs")
    parties.adds()
    parties.shares(CUSTOMS)
    parties.says_keys(CUSTOMS, "swapped")
    words = ("--subject", parties.trip, "--with", CUSTOMS, "--identity", parties.identity("exporter"))
    ran = parties.town.run(EXPORTER, "evidence", "share", *words, "--again")
    refused(ran, 1, "new-encryption-key")
    assert parties.recipient("swapped") in ran.err
    assert parties.recipient("customs") in ran.err
    assert parties.shares(CUSTOMS, "--again", "--accept-new-key")["shared"] == 1
    assert parties.shares(CUSTOMS, "--again")["shared"] == 1


def test_keys_may_come_from_a_file_and_then_nothing_is_asked(parties: Parties) -> None:
    item = parties.adds()
    parties.town.did(EXPORTER, "stream", "grant", parties.trip, "--member", CUSTOMS)
    keys = parties.folder / "customs.txt"
    keys.write_text(f"# from the customs officer\n{parties.recipient('customs')}\n")
    assert parties.shares(CUSTOMS, "--recipients-file", keys)["shared"] == 1
    ran, out = parties.gets(CUSTOMS, item, "customs")
    assert (ran.code, out.read_bytes()) == (0, SCAN)


def test_what_cannot_be_shared_is_said(parties: Parties) -> None:
    parties.adds()
    words: list[object] = ["evidence", "share", "--subject", parties.trip]
    mine: list[object] = ["--identity", parties.identity("exporter")]
    cases: dict[str, tuple[list[object], int, str]] = {
        "with oneself": ([*mine, "--with", EXPORTER], 2, "share-with-oneself"),
        "with one that has no keys": ([*mine, "--with", STRANGER], 1, "no-encryption-key"),
        "with nobody": ([*mine, "--with", "https://nobody.example"], 1, "no-encryption-key"),
        "with another identity": (
            ["--identity", parties.identity("other"), "--with", CUSTOMS],
            1,
            "not-for-you",
        ),
    }
    parties.says_keys(CUSTOMS, "customs")
    before = parties.town.stage.ledger.store.size()
    for name, (more, code, reason) in cases.items():
        ran = parties.town.run(EXPORTER, *words, *more)
        assert (ran.code, reason in ran.err) == (code, True), (name, ran)
    assert parties.town.stage.ledger.store.size() == before


def test_without_keys_of_ones_own_somebody_has_to_be_named(town: Town, tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_bytes(SCAN)
    words = ("--media-type", "image/png", "--category", "scan", "--out", tmp_path)
    refused(town.run(ORIGIN_PORT, "evidence", "add", tmp_path / "scan.png", *words), 2, "recipients")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["scan.png"]


def test_what_is_wrapped_for_everybody_is_in_the_file(parties: Parties) -> None:
    item = parties.adds()
    wrapped = item.with_name("scan.png.secret.age").read_bytes()
    for name in ("exporter", "escrow"):
        identity = pyrage.x25519.Identity.from_str(parties.identity(name).read_text().strip())
        assert bytes(pyrage.decrypt(wrapped, [identity])).startswith(b"AGE-SECRET-KEY-1")
    assert json.loads(item.read_bytes())["category"] == "scan"


def test_the_stock_age_opens_what_a_reader_was_given(parties: Parties, age: Path, age_keygen: Path) -> None:
    identity = parties.folder / "made-by-age.age"
    subprocess.run([age_keygen, "-o", identity], check=True, capture_output=True)
    recipient = subprocess.run([age_keygen, "-y", identity], check=True, capture_output=True).stdout.decode()
    keys = parties.folder / "keys.txt"
    keys.write_text(recipient)
    item = json.loads(parties.adds().read_bytes())
    parties.town.did(EXPORTER, "stream", "grant", parties.trip, "--member", CUSTOMS)
    parties.shares(CUSTOMS, "--recipients-file", keys)
    parties.town.stage.anchor()
    file = parties.town.new("dossier.zip")
    parties.town.did(CUSTOMS, "dossier", parties.trip, "--evidence", "all", "--out", file)
    container = open_container(file)
    wrapped = dict(Dossier.parse(container).secrets)[bytes.fromhex(item["commitment"])]
    sealed = b"".join(container.chunks(f"evidence/{item['cid']}"))
    secret, plain = parties.folder / "secret", parties.folder / "plain"
    subprocess.run([age, "-d", "-i", identity, "-o", secret], input=wrapped, check=True)
    subprocess.run([age, "-d", "-i", secret, "-o", plain], input=sealed, check=True)
    assert plain.read_bytes() == SCAN


def test_a_dossier_with_all_evidence_verifies_with_ones_identity(parties: Parties) -> None:
    parties.says_keys(CUSTOMS, "customs-dossier")
    parties.adds()
    parties.town.did(EXPORTER, "stream", "grant", parties.trip, "--member", CUSTOMS)
    accept = ("organisation", "readers", CUSTOMS, "--accept-new-key")
    parties.town.did(EXPORTER, *accept)
    parties.shares(CUSTOMS)
    parties.town.stage.anchor()
    trust, file = parties.folder / "trust.json", parties.town.new("dossier.zip")
    required = ("readable", "signature", "inclusion", "evidence")
    trusted = parties.town.stage.trust(required=required)
    trust.write_bytes(trusted.encode())
    parties.town.did(CUSTOMS, "dossier", parties.trip, "--evidence", "all", "--out", file)
    verify = ["verify", file, "--trust", trust, "--offline", "--json"]
    opened = corridor(*verify, "--identity", parties.identity("customs-dossier"))
    checks = {one["name"]: (one["status"], one["reason"]) for one in opened.json["checks"]}
    assert (opened.code, checks["evidence"]) == (0, ("passed", "ok")), opened
    assert corridor(*verify).code == 2
    # Under the same trust file the keys of customs are proven, and not only believed.
    shown = parties.town.did(EXPORTER, "organisation", "readers", CUSTOMS, "--trust", trust)
    assert (shown["proven"], shown["recipients"]) == (True, [parties.recipient("customs-dossier")])
    other = parties.town.stage.trust(required=required, profile=bytes(32))
    trust.write_bytes(other.encode())
    ran = parties.town.run(EXPORTER, "organisation", "readers", CUSTOMS, "--trust", trust)
    refused(ran, 1, "encryption-key-unproven")


def test_who_repeats_a_claim_and_hands_over_rubbish_hinders_nobody(parties: Parties) -> None:
    """What customs gave stands before what the exporter gave in the list, and opens nothing."""
    parties.says_keys(ORIGIN_PORT, "port")
    item = parties.adds()
    stated = json.loads(item.read_bytes())
    for member in (CUSTOMS, ORIGIN_PORT):
        parties.town.did(EXPORTER, "stream", "grant", parties.trip, "--member", member)
    told = {}
    for kind, body in (
        ("document", {"evidence": [stated]}),
        ("disclosure-record", {"to": ORIGIN_PORT, "items": [stated["commitment"]]}),
    ):
        said = ("--subject", parties.trip, "--body", parties.town.body(**body))
        told[kind] = parties.town.did(CUSTOMS, "statement", "say", kind, *said)["id"]
    rubbish = wrap_secret(str(pyrage.x25519.Identity.generate()).encode(), [parties.recipient("port")])
    secret = WrappedSecret(bytes.fromhex(stated["commitment"]), stated["cid"], rubbish)
    stage = parties.town.stage
    with Service(stage.url, a_signer(CUSTOMS), CUSTOMS, clock=stage.clock) as service:
        hand_over(service, ORIGIN_PORT, [secret], bytes.fromhex(told["disclosure-record"]))
    refused(parties.gets(ORIGIN_PORT, item, "port")[0], 1, "evidence-broken")
    parties.shares(ORIGIN_PORT)
    ran, out = parties.gets(ORIGIN_PORT, item, "port")
    assert (ran.code, out.read_bytes()) == (0, SCAN)
