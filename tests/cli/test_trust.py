"""`corridor trust`: what goes into the file is what the verifier's own node shows, or nothing changes."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.corridors.shipped import shipped_profile
from ledger.domain.genesis import Genesis
from ledger.domain.verdict import CHECKS
from ledger.verification.chain_view import Contract
from ledger.verification.trust import Trust
from tests.builders import CUSTOMS, a_genesis, seeded
from tests.chain.chains import World as Chain
from tests.cli.corridor import Ran, corridor, refused
from tests.cli.servers import Node, serving
from tests.verification.factory import INDEX_COSIGNER, WITNESSES, World, a_small_world, witness_key


@pytest.fixture(scope="module")
def small() -> World:
    return a_small_world()[0]


@pytest.fixture
def path(tmp_path: Path, small: World) -> Path:
    (tmp_path / "trust.json").write_bytes(small.trust().encode())
    return tmp_path / "trust.json"


def test_show_prints_the_file(path: Path) -> None:
    ran = corridor("trust", "show", path, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == json.loads(path.read_bytes())


def test_show_tells_people_all_that_is_taken_for_granted(path: Path, small: World) -> None:
    trust = Trust.parse(path.read_bytes())
    shown = corridor("trust", "show", path).text
    hexed = [
        trust.genesis,
        trust.chain.genesis,
        trust.profile,
        trust.chain.anchor.code_hash,
        trust.chain.pinned[0].hash,
    ]
    for text in (trust.origin, *WITNESSES, *(value.hex() for value in hexed), *trust.required):
        assert text in shown


def test_a_pinned_block_is_that_of_the_node(path: Path, small: World) -> None:
    before = Trust.parse(path.read_bytes())
    with serving(Node(small)) as url:
        ran = corridor("trust", "pin", path, "--rpc", url, "--block", 1)
        assert (ran.code, ran.err) == (0, "")
        assert corridor("trust", "pin", path, "--rpc", url).code == 0
    pinned = {block.number: block.hash for block in Trust.parse(path.read_bytes()).chain.pinned}
    assert pinned == {number: small.chain.block_hash(number) for number in (1, small.chain.number)}
    after = Trust.parse(path.read_bytes())
    assert after.model_copy(update={"chain": before.chain}) == before


def silent(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 503, "text/plain", b""


def nonsense(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 200, "application/json", b'{"jsonrpc": "2.0", "id": 1, "result": "0x"}'


def refusing(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    error = {"code": -32601, "message": "no such method\n\x1b[31m"}
    return 200, "application/json", json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}).encode()


@pytest.mark.parametrize(
    ("node", "code", "reason"),
    [
        (lambda world: Node(world, genesis=seeded("elsewhere", 32)), 1, "wrong-chain"),
        (lambda _: silent, 4, "chain-unreachable"),
        (lambda _: nonsense, 4, "chain-nonsense"),
        (lambda _: refusing, 4, "chain-refused"),
        (lambda world: Node(world, answers=3), 4, "chain-unreachable"),
    ],
    ids=["another genesis", "down", "nonsense", "refuses", "goes away"],
)
def test_what_a_node_does_not_show_is_not_pinned(
    path: Path, small: World, node: Callable[[World], Any], code: int, reason: str
) -> None:
    before = path.read_bytes()
    with serving(node(small)) as url:
        refused(corridor("trust", "pin", path, "--rpc", url), code, reason)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def changed(path: Path, **chain: object) -> None:
    value = json.loads(path.read_bytes())
    value["chain"] |= chain
    path.write_text(json.dumps(value))


def test_contracts_with_other_code_are_not_pinned(path: Path, small: World) -> None:
    registry = {
        "address": "0x" + small.chain.addresses[Contract.REGISTRY].hex(),
        "code_hash": "0x" + "00" * 32,
    }
    changed(path, registry=registry)
    with serving(Node(small)) as url:
        refused(corridor("trust", "pin", path, "--rpc", url), 1, "other-code")


def test_a_rewritten_chain_is_not_pinned_over_the_old_one(path: Path, small: World) -> None:
    changed(path, pinned=[{"number": 2, "hash": "0x" + seeded("old", 32).hex()}])
    with serving(Node(small)) as url:
        refused(corridor("trust", "pin", path, "--rpc", url, "--block", 2), 2, "pinned-differently")
        refused(corridor("trust", "pin", path, "--rpc", url, "--block", 999), 1, "no-block")


@pytest.mark.parametrize("rpc", ["node", "ftp://node.example", "http://", "ws://127.0.0.1:1"])
def test_a_url_that_is_none_is_wrong_use(path: Path, rpc: str) -> None:
    refused(corridor("trust", "pin", path, "--rpc", rpc), 2, "rpc-url")


def test_a_trust_file_that_cannot_be_written_stays_as_it_was(path: Path, small: World) -> None:
    before = path.read_bytes()
    # The disk is full as soon as the new file is written to, whoever asks.
    (path.parent / "trust.json.new").symlink_to("/dev/full")
    with serving(Node(small)) as url:
        ran = corridor("trust", "pin", path, "--rpc", url, "--block", "1")
    refused(ran, 4, "cannot-write")
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


# On a real chain, with the real contracts


def saved_genesis(folder: Path, chain: Chain, **changes: Any) -> tuple[Path, Genesis]:
    genesis = a_genesis(
        chain_id=chain.chain.identity.chain_id,
        chain_genesis=changes.pop("chain_genesis", chain.chain.identity.genesis),
        registry=changes.pop("registry", chain.contracts.registry),
        anchor=changes.pop("anchor", chain.contracts.anchor),
        **changes,
    )
    (folder / "genesis.json").write_bytes(genesis.document)
    return folder / "genesis.json", genesis


def init(genesis: Path, chain: Chain, *more: object) -> Ran:
    keys = [part for name in WITNESSES[:2] for part in ("--witness", witness_key(name).encode())]
    number = chain.client.head().number
    common = ("--rpc", chain.chain.url, "--control", "operator", "--quorum", 2, "--block", number)
    out = genesis.with_name("trust.json")
    index = ("--index-cosigner", witness_key(INDEX_COSIGNER).encode())
    return corridor("trust", "init", "--genesis", genesis, *common, *keys, *index, "--out", out, *more)


def test_a_trust_file_is_made_of_a_genesis_document_and_a_node(tmp_path: Path, world: Chain) -> None:
    path, genesis = saved_genesis(tmp_path, world)
    ran = init(path, world)
    assert ran.code == 0
    trust = Trust.parse((tmp_path / "trust.json").read_bytes())
    head = world.client.head()
    assert (trust.origin, trust.genesis, trust.profile) == (genesis.origin, genesis.hash, genesis.profile)
    assert (trust.chain.id, trust.chain.genesis) == (genesis.chain_id, genesis.chain_genesis)
    assert (trust.chain.control, trust.chain.rpc) == ("operator", world.chain.url)
    assert [(block.number, block.hash) for block in trust.chain.pinned] == [(head.number, head.hash)]
    assert (trust.witnesses.quorum, [key.name for key in trust.witnesses.keys]) == (2, list(WITNESSES[:2]))
    assert [key.name for key in trust.index_cosigners] == [INDEX_COSIGNER]
    # The operator's own clock counts for nothing.
    assert trust.times == ("witnesses",)
    assert (trust.max_age, set(trust.required)) == (86_400, set(CHECKS) - {"evidence", "passages"})


def required(folder: Path) -> set[str]:
    return set(Trust.parse((folder / "trust.json").read_bytes()).required)


def test_a_corridor_with_rules_has_its_evidence_required_and_what_is_timely_where_a_clock_is_accepted(
    tmp_path: Path, world: Chain
) -> None:
    shipped = shipped_profile("guatemala-us")
    path, _ = saved_genesis(tmp_path, world, profile=shipped.hash)
    assert init(path, world).code == 0
    assert required(tmp_path) == set(CHECKS) - {"evidence", "passages"} | {"required-evidence", "timeliness"}
    assert init(path, world, "--force", "--require", "papers").code == 0
    assert required(tmp_path) == {"papers"}
    refused(init(path, world, "--force", "--require", "paper"), 2, "unknown-check")


def test_a_corridor_s_own_profile_is_given_as_a_file_and_must_be_the_one(
    tmp_path: Path, world: Chain
) -> None:
    own = shipped_profile("guatemala-us").document + b"# ours\n"
    (tmp_path / "own.toml").write_bytes(own)
    path, _ = saved_genesis(tmp_path, world, profile=sha256(own).digest())
    ran = init(path, world)
    assert ran.code == 0
    # Nobody who leaves the profile out is to believe that its rules are asked for.
    assert "--profile" in ran.err
    assert "required-evidence" not in required(tmp_path)
    known = init(path, world, "--force", "--profile", tmp_path / "own.toml")
    assert (known.code, known.err) == (0, "")
    assert "required-evidence" in required(tmp_path)
    (tmp_path / "other.toml").write_bytes(own + b"# or theirs\n")
    refused(init(path, world, "--force", "--profile", tmp_path / "other.toml"), 2, "other-profile")


def test_options_of_a_new_trust_file_are_taken(tmp_path: Path, world: Chain) -> None:
    path, _ = saved_genesis(tmp_path, world)
    more = ("--control", "independent", "--max-age", 0, "--require", "anchor", "--name", "for tests")
    assert init(path, world, *more).code == 0
    trust = Trust.parse((tmp_path / "trust.json").read_bytes())
    assert (trust.times, trust.max_age, trust.required) == (("chain", "witnesses"), None, ("anchor",))
    assert trust.name == "for tests"
    refused(init(path, world), 1, "file-exists")
    assert init(path, world, "--force").code == 0


def test_the_newest_final_block_is_pinned_where_none_is_named(tmp_path: Path, world: Chain) -> None:
    path, _ = saved_genesis(tmp_path, world)
    assert init(path, world).code == 0
    trust = tmp_path / "trust.json"
    world.rpc("anvil_mine", hex(80))
    assert corridor("trust", "pin", trust, "--rpc", world.chain.url).code == 0
    number = Trust.parse(trust.read_bytes()).chain.pinned[-1].number
    final = world.client.block("finalized")
    assert final is not None
    assert (number, number < world.client.head().number) == (final.number, True)


@pytest.mark.parametrize(
    ("changes", "more", "end"),
    [
        ({}, ["--require", "luck"], (2, "unknown-check")),
        ({}, ["--quorum", 3], (2, "witnesses")),
        ({}, ["--witness", "nonsense"], (2, "witnesses")),
        ({}, ["--index-cosigner", "nonsense"], (1, "trust-file")),
        ({}, ["--control", "nobody"], (2, "usage")),
        ({}, ["--block", 10**6], (1, "no-block")),
        ({}, ["--rpc", "http://127.0.0.1:1"], (4, "chain-unreachable")),
        ({"chain_genesis": seeded("elsewhere", 32)}, [], (1, "wrong-chain")),
        ({"registry": seeded("nobody", 20)}, [], (1, "no-contract")),
    ],
)
def test_a_trust_file_that_would_be_wrong_is_not_made(
    tmp_path: Path, world: Chain, changes: dict[str, Any], more: list[object], end: tuple[int, str]
) -> None:
    path, _ = saved_genesis(tmp_path, world, **changes)
    refused(init(path, world, *more), *end)
    assert [one.name for one in tmp_path.iterdir()] == ["genesis.json"]


def test_contracts_that_are_not_of_this_package_are_trusted_only_on_request(
    tmp_path: Path, world: Chain
) -> None:
    path, _ = saved_genesis(tmp_path, world, anchor=world.contracts.inclusion)
    refused(init(path, world), 1, "other-code")
    assert init(path, world, "--any-code").code == 0


def test_certificates_of_time_stamping_authorities_are_read(tmp_path: Path, world: Chain) -> None:
    path, _ = saved_genesis(tmp_path, world)
    (tmp_path / "tsa.pem").write_text(f"no certificate, whatever {CUSTOMS} says")
    refused(init(path, world, "--tsa", tmp_path / "tsa.pem"), 1, "trust-file")
    refused(init(path, world, "--tsa", tmp_path / "absent.pem"), 1, "no-file")
