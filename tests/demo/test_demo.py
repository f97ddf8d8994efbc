"""The demo: it leaves files that prove themselves with everything stopped, and the README says how."""

import json
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest

from ledger.demo.contradictions import read_contradictions
from ledger.domain.evidence import items
from ledger.domain.statement import Statement
from ledger.domain.verdict import CORRIDOR_CHECKS
from ledger.verification.container import open_container
from ledger.verification.dossier import Dossier
from ledger.verification.trust import load
from tests.cli.corridor import corridor

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()
SECOND_VERIFIER = REPOSITORY / "examples" / "second_verifier.py"
RESULTS = [
    *("auditor-trust.json", "auditor.key", "auditor.zip"),
    *("dossier.zip", "genesis.json"),
    *("port-trust.json", "port.key", "port.zip"),
    *("reader.key", "trust.json"),
]
PRICE = {"amount": 13860, "currency": "USD"}
SCALE = 0.1
"""Of the pictures; what is proven does not depend on it."""
CHEATS = {
    "scan swapped": "check evidence (cid-mismatch)",
    "container switched": "check custody (container-mismatch)",
    "hand-over skipped": "check custody (handover-gap)",
    "seal cloned": "check custody (seal-cloned)",
    "scan used again": "alarm re-use (alike-content)",
    "inspection left out of the dossier": "check completeness (stream-mismatch)",
    "statement dated back": "check time (signed-before-seen)",
    "key ended": "check authority (key-not-good)",
    "old dossier served as new": "check freshness (stale)",
    "log rewritten by the operator": "check anchor (anchor-mismatch)",
    "receipt of another chain": "check anchor (other-chain)",
}


@dataclass(frozen=True)
class Played:
    """The demo, played into a folder with what an earlier run had left: the folder, and what was printed."""

    out: Path
    text: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo."""
    out = tmp_path_factory.mktemp("demo")
    (out / "data").mkdir()
    (out / "data" / "somebody's").write_text("own")
    for name in RESULTS:
        (out / name).write_text("of an earlier run")
    ran = corridor("demo", "--out", out, "--scale", SCALE)
    assert ran.code == 0, ran.err
    assert not any((out / name).read_bytes() == b"of an earlier run" for name in RESULTS)
    return Played(out, ran.text)


@pytest.fixture
def out(played: Played) -> Path:
    """The folder that the demo was played into."""
    return played.out


def test_it_catches_every_cheat_by_its_named_check(played: Played) -> None:
    one = r"^  ([a-z -]+) \(.+\)\n(?:.*\n)*?    REJECTED by the (.+)$"
    assert dict(re.findall(one, played.text, re.MULTILINE)) == CHEATS


def test_it_tells_what_is_unusual_and_honest(played: Played) -> None:
    told = ("the network is back", "police", "rolled over", "corrects the verified gross mass")
    assert [part for part in told if part not in played.text] == []
    assert played.text.rstrip().splitlines()[-2].startswith("ACCEPTED ")


AUDIENCES = {
    "dossier": ("trust.json", "reader.key"),
    "port": ("port-trust.json", "port.key"),
    "auditor": ("auditor-trust.json", "auditor.key"),
}


def checks_of(out: Path, name: str) -> dict[str, dict[str, str]]:
    """Return the checks of an audience's dossier, offline, with its own trust and its own key."""
    trust, key = AUDIENCES[name]
    arguments = ("verify", out / f"{name}.zip", "--trust", out / trust, "--identity", out / key, "--offline")
    ran = corridor(*arguments, "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "accepted"), ran.json
    return {check["name"]: check for check in ran.json["checks"]}


def read_by(out: Path, name: str) -> tuple[dict[str, dict[str, Any]], dict[str, bytes]]:
    """Return what an audience reads: the newest word of each kind of statement, and what it opens."""
    container = open_container(out / f"{name}.zip")
    dossier = Dossier.parse(container)
    identity = pyrage.x25519.Identity.from_str((out / AUDIENCES[name][1]).read_text().strip())
    secrets = dict(dossier.secrets)
    said: dict[str, dict[str, Any]] = {}
    opened: dict[str, bytes] = {}
    for one in dossier.statements:
        statement = Statement.parse(one.raw)
        body = statement.reveal(one.disclosures)
        said[statement.kind] = said.get(statement.kind, {}) | body
        for item in items(body):
            wrapped = secrets.get(item.commitment)
            if wrapped is None or f"evidence/{item.cid}" not in container.names:
                continue
            secret = pyrage.x25519.Identity.from_str(pyrage.decrypt(wrapped, [identity]).decode())
            sealed = b"".join(container.chunks(f"evidence/{item.cid}"))
            opened[str(item.name)] = pyrage.decrypt(sealed, [secret])
    return said, opened


def test_destination_customs_opens_all_evidence(out: Path) -> None:
    evidence = checks_of(out, "dossier")["evidence"]
    assert (evidence["status"], evidence["reason"]) == ("passed", "ok")
    said, opened = read_by(out, "dossier")
    assert said["manifest"]["price"] == PRICE
    assert "reason" in said["decision"]["hold"]
    assert {"xray-gate.tif", "cctv-gate-clock-ahead.mp4", "commercial-invoice.pdf"} <= set(opened)


def test_the_port_reads_what_comes_and_neither_price_nor_reason(out: Path) -> None:
    checks_of(out, "port")
    said, opened = read_by(out, "port")
    assert said["gate-passage"]["container"] == "XXXU5001233"
    assert said["manifest"]["weights"]["vgm_kg"] == 24580
    assert said["departure"]["eta"].startswith("2026-11-14T06:00")
    assert said["decision"]["delivery"] == "blocked"
    hidden = {("manifest", "price"), ("decision", "hold"), ("gate-passage", "driver")}
    assert [one for one in hidden if one[1] in said[one[0]]] == []
    assert set(opened) == {"reefer-log-voyage.csv", "status-loaded.json"}


def test_the_ports_statements_are_those_of_customs(out: Path) -> None:
    raw = {
        name: [one.raw for one in Dossier.parse(open_container(out / f"{name}.zip")).statements]
        for name in ("dossier", "port")
    }
    assert raw["port"] == raw["dossier"]


def test_no_byte_of_the_price_is_in_what_the_port_got(out: Path) -> None:
    customs = Dossier.parse(open_container(out / "dossier.zip"))
    concealed = {text for one in customs.statements for text in one.disclosures}
    plain = {text: urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in concealed}
    prices = [text for text, decoded in plain.items() if b'"price"' in decoded]
    reasons = [text for text, decoded in plain.items() if b'"reason"' in decoded]
    assert (len(prices), len(reasons)) == (2, 2)
    _, opened = read_by(out, "port")
    got = [path.read_bytes() for path in sorted(out.glob("port*"))] + list(opened.values())
    needles = {b'"amount":13860', b"13,860", b"targeting rule", b"random anti-narcotics"}
    needles |= {needle for text in (*prices, *reasons) for needle in (text.encode(), plain[text])}
    assert [needle for needle in sorted(needles) if any(needle in one for one in got)] == []
    # The search finds what is there.
    assert any(prices[0].encode() in one for one in [(out / "dossier.zip").read_bytes()])


def test_the_auditor_sees_the_whole_history_and_what_was_erased(out: Path) -> None:
    checks = checks_of(out, "auditor")
    assert re.search(
        r"was erased on 2027-02-15 .* by https://terminal\.gtpbr\.example", checks["evidence"]["message"]
    )
    assert all(checks[name]["status"] == "passed" for name in ("completeness", "custody", "passages"))
    customs, auditor = (Dossier.parse(open_container(out / f"{name}.zip")) for name in ("dossier", "auditor"))
    assert {one.raw for one in customs.statements} < {one.raw for one in auditor.statements}
    said, opened = read_by(out, "auditor")
    assert "price" not in said["manifest"]
    papers = ("certification-of-origin", "packing-list", "phytosanitary-certificate", "verified-gross-mass")
    assert set(opened) == {f"{name}.pdf" for name in (*papers, "verified-gross-mass-mistyped")}


def test_what_was_erased_is_not_to_be_had_again(played: Played) -> None:
    refused = "its bytes (erased), its secret (no-secret), its secret, brought again (erased)"
    assert f"the service is asked again, and refuses: {refused}" in played.text


def test_its_evidence_opens_for_its_reader_only(out: Path, tmp_path: Path) -> None:
    arguments = ("verify", out / "dossier.zip", "--trust", out / "trust.json", "--offline", "--json")
    ours = corridor(*arguments, "--identity", out / "reader.key")
    assert [one["status"] for one in ours.json["checks"] if one["name"] == "evidence"] == ["passed"]
    (tmp_path / "other.key").write_text(f"{pyrage.x25519.Identity.generate()}\n")
    other = corridor(*arguments, "--identity", tmp_path / "other.key")
    found = [(one["status"], one["reason"]) for one in other.json["checks"] if one["name"] == "evidence"]
    assert found == [("not-checked", "sealed")]


def test_it_leaves_its_results_and_touches_nothing_else(out: Path) -> None:
    assert sorted(path.name for path in out.iterdir()) == sorted(["data", *RESULTS])
    assert (out / "data" / "somebody's").read_text() == "own"


def test_its_dossier_is_accepted_offline_with_everything_stopped(out: Path) -> None:
    ran = corridor("verify", out / "dossier.zip", "--trust", out / "trust.json", "--offline", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["outcome"] == "accepted"
    passed = {check["name"] for check in ran.json["checks"] if check["status"] == "passed"}
    assert passed >= set(load(out / "trust.json").required)
    assert passed >= {"signature", "authority", "completeness", "no-split-view", "anchor", "time", "custody"}


@pytest.mark.parametrize("name", AUDIENCES)
def test_each_audience_asks_for_what_the_corridor_requires_and_for_it_in_time(out: Path, name: str) -> None:
    required = {"required-evidence", "timeliness"}
    assert required <= set(load(out / AUDIENCES[name][0]).required)
    checks = checks_of(out, name)
    assert {checks[one]["status"] for one in required} == {"passed"}


def test_a_changed_byte_of_it_is_not(out: Path, tmp_path: Path) -> None:
    data = bytearray((out / "dossier.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "changed.zip").write_bytes(data)
    assert corridor("verify", tmp_path / "changed.zip", "--trust", out / "trust.json", "--offline").code == 3


def test_the_trust_of_another_run_does_not_accept_it(out: Path, tmp_path: Path) -> None:
    trust = json.loads((out / "trust.json").read_text())
    trust["chain"]["genesis"] = "0x" + "11" * 32
    (tmp_path / "trust.json").write_text(json.dumps(trust))
    assert corridor("verify", out / "dossier.zip", "--trust", tmp_path / "trust.json", "--offline").code == 1


def second_verifier(out: Path, trust: Path) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the verdict of the second verifier on the dossier of customs."""
    arguments: list[str | Path] = [sys.executable, SECOND_VERIFIER, out / "dossier.zip", trust, "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_second_verifier_accepts_it_too_but_for_the_rules_of_the_corridor(
    out: Path, tmp_path: Path
) -> None:
    code, verdict = second_verifier(out, out / "trust.json")
    assert (code, verdict["outcome"]) == (2, "incomplete")
    left = [(one["name"], one["reason"]) for one in verdict["checks"] if one["name"] in CORRIDOR_CHECKS]
    assert left == [("required-evidence", "not-made-here"), ("timeliness", "not-made-here")]
    trust = json.loads((out / "trust.json").read_text())
    trust["required"] = [name for name in trust["required"] if name not in CORRIDOR_CHECKS]
    (tmp_path / "trust.json").write_text(json.dumps(trust))
    code, verdict = second_verifier(out, tmp_path / "trust.json")
    assert (code, verdict["outcome"]) == (0, "accepted")


def test_the_readme_and_the_screen_name_the_contradictions_that_the_demo_finds(played: Played) -> None:
    all_ = read_contradictions().contradictions
    wanted = [(f"  FOUND by the check {one.check} ({one.code}): {one.name}", one.es) for one in all_]
    readme, screen = (
        [line for line in text.splitlines() if "FOUND" in line] for text in (README, played.text)
    )
    assert readme == [line for line, _ in wanted]
    assert screen == [f"{line} ({es})" for line, es in wanted]


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = corridor("demo", "--out", tmp_path / "file")
    assert (ran.code, ran.reason) == (4, "os-error")
