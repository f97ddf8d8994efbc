"""`corridor verify` and `corridor receipt-verify`: verdicts, exit codes, and what is asked of a node."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pyrage
import pytest

from ledger.cli.verdicts import EXIT_CODES
from ledger.domain.verdict import CHECKS, Outcome
from ledger.verification.trust import Trust
from ledger.verification.verifier import CHECKS_OF_RECEIPT
from tests.builders import NOON, Trip, seeded
from tests.cli.corridor import Ran, corridor, corridor_alone, corridor_process, refused
from tests.cli.servers import Node, serving
from tests.verification.factory import World, a_small_world, packed

Files = tuple[Path, Path]


@pytest.fixture(scope="module")
def small() -> tuple[World, Trip]:
    world, trip = a_small_world()
    # What a node is asked about lies two blocks under its newest one.
    world.chain.mine(world.now)
    world.chain.mine(world.now)
    return world, trip


@pytest.fixture
def files(small: tuple[World, Trip], tmp_path: Path) -> Files:
    world, trip = small
    return write(tmp_path, packed(world.dossier(trip)), world.trust())


def write(folder: Path, dossier: bytes, trust: Trust) -> Files:
    (folder / "dossier.zip").write_bytes(dossier)
    (folder / "trust.json").write_bytes(trust.encode())
    return folder / "dossier.zip", folder / "trust.json"


def verified(files: Files, *more: object, command: str = "verify") -> Ran:
    arguments = ["--now", NOON + 700] if command == "verify" else []
    return corridor(command, files[0], "--trust", files[1], *arguments, *more)


def test_an_accepted_dossier_ends_with_0_and_a_table_of_all_checks(files: Files) -> None:
    ran = verified(files, "--offline")
    assert (ran.code, ran.err) == (0, "")
    assert "ACCEPTED" in ran.text
    # Nothing passed a gate in it.
    passed = [name for name in CHECKS if name != "passages"]
    assert [line.split()[0] for line in ran.text.splitlines() if " passed  " in line] == passed
    assert "passages" in ran.text
    assert "\x1b" not in ran.text


def test_json_is_the_verdict_of_the_interface_contract(small: tuple[World, Trip], files: Files) -> None:
    ran = verified(files, "--offline", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json) == ["outcome", "shipment", "checks"]
    assert (ran.json["outcome"], ran.json["shipment"]) == ("accepted", small[1].uri)
    assert [check["name"] for check in ran.json["checks"]] == list(CHECKS)
    assert all(list(check) == ["name", "status", "reason", "message"] for check in ran.json["checks"])


def test_a_forged_dossier_is_rejected_with_1_and_says_which_check_failed(
    small: tuple[World, Trip], tmp_path: Path
) -> None:
    world, trip = small
    dossier = world.dossier(trip)
    forged = replace(dossier, statements=dossier.statements[:-1])
    ran = verified(write(tmp_path, packed(forged), world.trust()), "--offline")
    assert (ran.code, ran.err) == (1, "")
    assert "REJECTED  Failed: completeness." in ran.text


def test_what_was_not_shown_is_incomplete_with_2(small: tuple[World, Trip], tmp_path: Path) -> None:
    world, trip = small
    trust = world.trust(index_cosigners=[])
    ran = verified(write(tmp_path, packed(world.dossier(trip)), trust), "--offline")
    assert (ran.code, ran.err) == (2, "")
    assert "asks for: completeness." in ran.text


def test_every_outcome_has_an_exit_code_of_its_own() -> None:
    assert set(EXIT_CODES) == set(Outcome)
    assert sorted(EXIT_CODES.values()) == [0, 1, 2]


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no dossier", None], ids=["empty", "short", "text", "absent"]
)
def test_what_is_no_dossier_ends_with_3_and_one_line(files: Files, content: bytes | None) -> None:
    files[0].unlink() if content is None else files[0].write_bytes(content)
    refused(verified(files), 3, "not-zip" if content is not None else "no-file")


def test_json_of_what_is_no_dossier_says_so_in_the_form_of_a_verdict(files: Files) -> None:
    files[0].write_bytes(b"no dossier")
    ran = verified(files, "--json")
    assert (ran.code, ran.err) == (3, "")
    assert (ran.json["outcome"], ran.json["shipment"]) == ("rejected", "")
    statuses = {check["name"]: check["status"] for check in ran.json["checks"]}
    assert statuses == {"readable": "failed"} | dict.fromkeys(CHECKS[1:], "not-checked")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda path: path.unlink(), "no-file", id="absent"),
        pytest.param(lambda path: path.write_bytes(b""), "json-syntax", id="empty"),
        pytest.param(lambda path: path.write_bytes(b"{}"), "trust-file", id="nothing in it"),
        pytest.param(lambda path: path.write_bytes(b"{" * 99), "json-depth", id="too deep"),
        pytest.param(lambda path: path.write_bytes(b" " * 5_000_000), "too-large", id="too long"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), "cannot-read", id="a folder"),
    ],
)
def test_a_trust_file_that_cannot_be_used_is_wrong_use_with_64(
    files: Files, change: Callable[[Path], object], reason: str
) -> None:
    change(files[1])
    refused(verified(files), 64, reason)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dossier.zip"],
        ["--trust", "trust.json"],
        ["dossier.zip", "--trust"],
        ["dossier.zip", "--trust", "trust.json", "--ofline"],
        ["dossier.zip", "--trust", "trust.json", "more"],
        ["dossier.zip", "--trust", "trust.json", "--now", "noon"],
        ["dossier.zip", "--trust", "trust.json", "--now", "-1"],
        ["dossier.zip", "--trust", "trust.json", "--timeout", "0"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("command", ["verify", "receipt-verify"])
def test_a_wrong_command_line_is_wrong_use_with_64(command: str, arguments: list[str]) -> None:
    refused(corridor(command, *arguments), 64, "usage")


def test_a_dossier_about_another_shipment_is_rejected(small: tuple[World, Trip], files: Files) -> None:
    assert verified(files, "--offline", "--shipment", small[1].uri).code == 0
    assert verified(files, "--offline", "--shipment", small[1].uri[:-1] + "!").code == 1


def test_the_verifiers_clock_can_be_given(files: Files) -> None:
    assert verified(files, "--offline", "--now", NOON + 10**6).code == 1


def test_an_own_replay_stands_in_for_an_index_cosigner(small: tuple[World, Trip], tmp_path: Path) -> None:
    world, trip = small
    files = write(tmp_path, packed(world.dossier(trip)), world.trust(index_cosigners=[]))
    map_root = world.map_roots[max(world.notes)]
    assert verified(files, "--offline", "--map-root", map_root.hex()).code == 0
    assert verified(files, "--offline", "--map-root", seeded("another", 32).hex()).code == 1
    refused(verified(files, "--offline", "--map-root", "abc"), 64, "malformed-field")


def test_identities_are_read_as_age_and_ssh_tools_write_them(files: Files, tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "identity"
    path.write_text(f"# created: now\n# public key: {identity.to_public()}\n{identity}\n")
    assert verified(files, "--offline", "--identity", path).code == 0
    for wrong in (b"", b"# nothing\n", b"AGE-SECRET-KEY-1NONSENSE\n", b"-----BEGIN nothing", b"\xff"):
        path.write_bytes(wrong)
        refused(verified(files, "--offline", "--identity", path), 64, "bad-identity")


def test_a_receipt_file_is_verified_by_its_own_command_only(
    small: tuple[World, Trip], tmp_path: Path
) -> None:
    world, _ = small
    files = write(tmp_path, packed(world.receipt(2)), world.trust())
    ran = verified(files, "--offline", "--json", command="receipt-verify")
    assert (ran.code, ran.json["outcome"]) == (0, "accepted")
    assert [check["name"] for check in ran.json["checks"]] == list(CHECKS_OF_RECEIPT)
    refused(verified(files, "--offline"), 3, "wrong-kind")


def test_a_dossier_is_no_receipt_file(files: Files) -> None:
    ran = verified(files, "--offline", "--json", command="receipt-verify")
    assert (ran.code, [check["name"] for check in ran.json["checks"]]) == (3, list(CHECKS_OF_RECEIPT))


# The verifier's own node


def with_node(small: tuple[World, Trip], folder: Path, url: str, **chain: object) -> Files:
    world, trip = small
    trust = world.trust()
    chain = {**trust.chain.model_dump(mode="json"), "rpc": url, **chain}
    return write(folder, packed(world.dossier(trip)), world.trust(chain=chain))


def test_a_node_of_the_verifiers_own_is_asked_and_tells_what_is_newest(
    small: tuple[World, Trip], tmp_path: Path
) -> None:
    with serving(Node(small[0])) as url:
        files = with_node(small, tmp_path, url, pinned=[])
        online, offline = verified(files, "--json"), verified(files, "--json", "--offline")
    assert (online.code, online.err) == (0, "")
    reasons = {check["name"]: check["reason"] for check in online.json["checks"]}
    assert reasons["freshness"] == "newest-anchor"
    # Without a pinned block only the node can have told.
    assert offline.code == 2


def test_a_node_on_another_genesis_block_is_a_failure_and_no_reason_to_fall_back(
    small: tuple[World, Trip], tmp_path: Path
) -> None:
    with serving(Node(small[0], genesis=seeded("elsewhere", 32))) as url:
        ran = verified(with_node(small, tmp_path, url), "--json")
    assert (ran.code, ran.err) == (1, "")
    assert {"name": "anchor", "status": "failed", "reason": "other-chain"}.items() <= ran.json["checks"][
        6
    ].items()


def test_a_node_that_has_another_block_where_one_is_pinned_is_a_failure(
    small: tuple[World, Trip], tmp_path: Path
) -> None:
    pinned = [{"number": 3, "hash": "0x" + seeded("before the rewriting", 32).hex()}]
    with serving(Node(small[0])) as url:
        ran = verified(with_node(small, tmp_path, url, pinned=pinned), "--json")
    assert ran.code == 1
    assert ran.json["checks"][6]["reason"] == "chain-rewritten"


@pytest.mark.parametrize("answers", [0, 1, 4, 9])
def test_a_node_that_goes_away_leaves_the_proofs_in_the_dossier(
    small: tuple[World, Trip], tmp_path: Path, answers: int
) -> None:
    with serving(Node(small[0], answers=answers)) as url:
        ran = verified(with_node(small, tmp_path, url), "--json")
    assert (ran.code, ran.reason) == (0, "chain-unreachable")
    assert ran.json["outcome"] == "accepted"
    assert "the state proofs in the file are used instead" in ran.err


def test_a_node_that_is_down_is_said_in_one_line(small: tuple[World, Trip], tmp_path: Path) -> None:
    with serving(Node(small[0])) as url:
        files = with_node(small, tmp_path, url)
    ran = verified(files)
    assert (ran.code, ran.reason) == (0, "chain-unreachable")


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense", b"[]", b"{}", b'{"result": null}', b'{"result": "0x"}', b'{"result": {"number": 1}}'],
    ids=bytes.decode,
)
def test_a_node_that_answers_nonsense_is_not_believed(
    small: tuple[World, Trip], tmp_path: Path, answer: bytes
) -> None:
    with serving(lambda _path, _body: (200, "application/json", answer)) as url:
        ran = verified(with_node(small, tmp_path, url))
    assert (ran.code, ran.reason) == (0, "chain-nonsense")


def test_a_node_that_is_slow_is_not_waited_for(small: tuple[World, Trip], tmp_path: Path) -> None:
    let_go = Event()

    def answer(_path: str, _body: bytes) -> tuple[int, str, bytes]:
        let_go.wait()
        return 200, "application/json", b"{}"

    with serving(answer) as url:
        ran = verified(with_node(small, tmp_path, url), "--timeout", "0.2")
        let_go.set()
    assert (ran.code, ran.reason) == (0, "chain-slow")


def test_an_offline_verification_asks_nobody(small: tuple[World, Trip], tmp_path: Path) -> None:
    asked: list[bytes] = []

    def answer(_path: str, body: bytes) -> tuple[int, str, bytes]:
        asked.append(body)
        return 200, "application/json", b"{}"

    with serving(answer) as url:
        assert verified(with_node(small, tmp_path, url), "--offline").code == 0
    assert asked == []


# The process


@pytest.mark.parametrize("arguments", [["--offline"], ["--offline", "--json"]], ids=" ".join)
def test_verifying_offline_needs_no_server_no_database_and_no_chain_library(
    files: Files, arguments: list[str]
) -> None:
    ran = corridor_alone("verify", files[0], "--trust", files[1], "--now", NOON + 700, *arguments)
    assert (ran.code, ran.err) == (0, "")


def test_a_process_ends_with_the_verdict_as_its_exit_code(files: Files) -> None:
    common = ("verify", files[0], "--trust", files[1], "--offline", "--now")
    accepted = corridor_process(*common, NOON + 700, "--json", environment={"FORCE_COLOR": "1"})
    assert (accepted.code, json.loads(accepted.out)["outcome"]) == (0, "accepted")
    assert corridor_process(*common, NOON + 10**6).code == 1
    assert b"\x1b" not in corridor_process(*common, NOON + 700, environment={"FORCE_COLOR": "1"}).out


def test_a_verdict_that_nobody_can_read_is_no_success(files: Files) -> None:
    arguments = f"verify {files[0]} --trust {files[1]} --offline --now {NOON + 700}"
    full = corridor_process(prefix=["sh", "-c", f'"$0" {arguments} > /dev/full'])
    refused(full, 4, "cannot-write")
    piped = corridor_process(prefix=["bash", "-c", f'"$0" {arguments} | true; exit "${{PIPESTATUS[0]}}"'])
    assert (piped.code in (0, 141), piped.err) == (True, "")
