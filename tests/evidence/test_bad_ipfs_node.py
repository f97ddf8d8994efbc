"""An IPFS node that is gone, slow, full, broken or lying: our errors, in time, and never a wrong byte."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from ledger.domain.cid import CHUNK, cid_of
from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError, UsageError, VerificationError
from ledger.evidence.ipfs_store import IpfsStore, announces
from tests.builders import seeded
from tests.tools import bad_node
from tests.tools.bad_node import Answer, BadNode
from tests.tools.fixtures import ipfs_api

__all__ = ["ipfs_api"]

LARGE = seeded("behind a bad node", 3 * CHUNK + 17)
SECONDS = 0.5
OFFLINE = {"Provide": {"Enabled": False}, "Routing": {"Type": "none"}}

# What is wrong with an answer, and the codes that it may come to.
WRONG: dict[str, tuple[Answer, set[str]]] = {
    "silent": (bad_node.silent, {"ipfs-slow"}),
    "failing": (bad_node.failing, {"ipfs-unreachable"}),
    "full": (bad_node.full, {"disk-full"}),
    "nonsense": (bad_node.nonsense, {"ipfs-nonsense", "ipfs-other-cid"}),
    "no JSON": (bad_node.no_json, {"ipfs-nonsense", "ipfs-unreachable"}),
    "cut off": (bad_node.cut_off, {"ipfs-nonsense", "ipfs-unreachable"}),
}


@pytest.fixture
def node(ipfs_api: str) -> Iterator[BadNode]:
    with bad_node.bad_node(ipfs_api) as node:
        yield node


@pytest.fixture
def store(node: BadNode) -> Iterator[IpfsStore]:
    with closing(IpfsStore(node.api, seconds=SECONDS)) as store:
        yield store


def read(store: IpfsStore, cid: str, out: bytearray) -> None:
    for piece in store.open(cid).chunks:
        out += piece


@pytest.mark.parametrize("call", ["config/show", "add", "pin/add"])
@pytest.mark.parametrize("wrong", list(WRONG))
def test_an_upload_to_a_bad_node_is_not_acknowledged(
    node: BadNode, store: IpfsStore, call: str, wrong: str
) -> None:
    data = seeded(f"never {call} {wrong}", CHUNK + 5)
    node.answers[call], codes = WRONG[wrong]
    with pytest.raises(UnavailableError) as caught:
        store.put([data])
    assert caught.value.code in codes
    node.answers.clear()
    if (call, wrong) != ("pin/add", "cut off"):
        # A pin whose answer was lost may be there: nothing claims it, and it is swept later.
        assert not store.has(cid_of([data]))


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        *((call, wrong) for call in ("pin/ls", "block/get", "cat") for wrong in WRONG),
        # What lies, or never ends, has to be about bytes: JSON is read at once.
        *((call, wrong) for call in ("block/get", "cat") for wrong in ("dripping", "flipped", "short")),
    ],
)
def test_no_wrong_byte_comes_out_of_a_bad_node(
    node: BadNode, store: IpfsStore, call: str, wrong: str
) -> None:
    cid = store.put([LARGE])
    lies: dict[str, Answer] = {
        "dripping": bad_node.dripping,
        "flipped": bad_node.flipped,
        "short": bad_node.short,
    }
    node.answers[call] = lies[wrong] if wrong in lies else WRONG[wrong][0]
    out = bytearray()
    with pytest.raises((UnavailableError, VerificationError, NotFoundError)):
        read(store, cid, out)
    assert out == LARGE[: len(out)]
    node.answers.clear()
    read(store, cid, again := bytearray())
    assert again == LARGE


def test_a_node_that_names_bytes_otherwise_is_not_believed(node: BadNode, store: IpfsStore) -> None:
    node.answers["add"] = bad_node.answers({"Name": "x", "Hash": cid_of([b"other"]), "Size": "5"})
    with pytest.raises(UnavailableError) as caught:
        store.put([LARGE])
    assert caught.value.code == "ipfs-other-cid"
    assert "pin/add" not in node.calls


def test_a_node_that_is_gone_is_our_error(node: BadNode) -> None:
    api = node.api
    node.server_close()
    store = IpfsStore(api, seconds=SECONDS)
    cid = cid_of([LARGE])
    for ask in (lambda: store.put([LARGE]), lambda: store.has(cid), lambda: store.open(cid), store.check):
        with pytest.raises(UnavailableError) as caught:
            ask()
        assert caught.value.code == "ipfs-unreachable"


def test_a_block_that_is_gone_below_a_pin_is_rot(node: BadNode, store: IpfsStore) -> None:
    cid = store.put([LARGE])

    def gone(asked: bad_node.Asked) -> None:
        asked.send(500, b'{"Message": "block was not found locally (offline)", "Code": 0, "Type": "error"}')

    node.answers["block/get"] = gone
    with pytest.raises(VerificationError) as caught:
        store.open(cid)
    assert caught.value.code == "evidence-rotten"


@pytest.mark.parametrize(
    ("settings", "tells"),
    [
        ({}, True),
        ({"Provide": {}, "Routing": {}}, True),
        ({"Provide": {"Enabled": True}, "Routing": {"Type": "auto"}}, True),
        ({"Provide": {"Enabled": "false"}, "Routing": {"Type": "dht"}}, True),
        ({"Provide": None, "Routing": None}, True),
        ({"Provide": {"Enabled": False}, "Routing": {"Type": "auto"}}, False),
        ({"Provide": {}, "Routing": {"Type": "none"}}, False),
        (OFFLINE, False),
    ],
)
def test_only_a_node_that_says_so_announces_nothing(settings: dict[str, object], tells: bool) -> None:
    assert announces(settings) is tells


def test_a_node_that_would_announce_gets_nothing_unless_wanted(node: BadNode, store: IpfsStore) -> None:
    node.answers["config/show"] = bad_node.answers({"Routing": {"Type": "auto"}, "Provide": {}})
    with pytest.raises(UsageError) as refused:
        store.check()
    assert refused.value.code == "ipfs-announces"
    with pytest.raises(UnavailableError):
        store.put([LARGE])
    assert "add" not in node.calls
    with closing(IpfsStore(node.api, announce=True, seconds=SECONDS)) as wanted:
        wanted.check()
        assert wanted.put([LARGE]) == cid_of([LARGE])


@pytest.mark.parametrize(
    "api", ["", "127.0.0.1:5001", "http://127.0.0.1:5001", "/ip4/300.0.0.1/tcp/1", "/ip4/127.0.0.1/udp/5001"]
)
def test_an_address_that_is_none_is_refused(api: str) -> None:
    with pytest.raises(CorridorError) as caught:
        IpfsStore(api)
    assert caught.value.code == "ipfs-api"
