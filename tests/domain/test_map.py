"""The verifiable map: what it holds is proven, at every root it ever had, and nothing else is."""

from hashlib import sha256
from random import Random

import pytest

from ledger.domain import map as streams
from ledger.domain.errors import MalformedError, UsageError, VerificationError
from ledger.domain.map import EMPTY, MapLeaf, MapProof, MapValue
from tests.domain import map_reference as reference
from tests.domain.map_reference import Nodes


def value(number: int) -> MapValue:
    return MapValue(number, sha256(b"running %d" % number).digest())


def tag(prefix: str, end: int = 0) -> bytes:
    """Return a tag that begins with these bits and ends with a number."""
    return (int(prefix.ljust(256, "0"), 2) | end).to_bytes(32)


def grown(*batches: dict[bytes, MapValue]) -> tuple[bytes, Nodes]:
    nodes = Nodes()
    root = EMPTY
    for batch in batches:
        root, new = streams.update(nodes.get_node, root, batch)
        nodes |= new
    return root, nodes


SHAPES: dict[str, list[bytes]] = {
    "one": [tag("1")],
    "two that part at once": [tag("0"), tag("1")],
    "two that part at the last bit": [tag("01", 0), tag("01", 1)],
    "last bit, and one beside": [tag("01", 0), tag("01", 1), tag("1")],
    "a comb": [tag("1" * depth) for depth in range(12)],
    "a comb the other way": [tag("0" * depth + "1") for depth in range(12)],
    "deep pairs on both sides": [tag("0", 1), tag("0", 2), tag("1", 1), tag("1", 3)],
    "all at the deep end": [tag("1", end) for end in range(9)],
}


@pytest.mark.parametrize("name", SHAPES)
def test_root_is_that_of_the_definition_in_whatever_order_leaves_arrive(name: str) -> None:
    tags = SHAPES[name]
    values = {each: value(number + 1) for number, each in enumerate(tags)}
    expected = reference.root(values)
    assert grown(values)[0] == expected
    for order in (tags, tags[::-1]):
        assert grown(*({each: values[each]} for each in order))[0] == expected


@pytest.mark.parametrize("name", SHAPES)
def test_presence_and_absence_are_proven_as_defined(name: str) -> None:
    values = {each: value(number + 1) for number, each in enumerate(SHAPES[name])}
    root, nodes = grown(values)
    asked = [*values, tag(""), tag("1" * 256), tag("01", 2), tag("001", 1), tag("11", 9)]
    for each in asked:
        proof = streams.prove(nodes.get_node, root, each)
        assert list(proof.siblings) == reference.siblings(values, each)
        assert streams.verify(MapProof.decode(proof.encode()), root, each) == values.get(each)


def test_the_empty_map_proves_that_it_holds_nothing() -> None:
    proof = streams.prove(Nodes().get_node, EMPTY, tag("1"))
    assert proof.encode() == b"\x00\x00\x00"
    assert streams.verify(proof, EMPTY, tag("1")) is None


def test_an_encoded_proof_is_the_bytes_of_the_format() -> None:
    here, beside = tag("0000000001"), tag("1")
    values = {here: value(1), tag("0"): value(2), beside: value(3)}
    root, nodes = grown(values)
    proof = streams.prove(nodes.get_node, root, here)
    expected = (
        (10).to_bytes(2)
        + bytes([0b10000000, 0b01000000])
        + reference.leaf_hash(beside, value(3))
        + reference.leaf_hash(tag("0"), value(2))
        + b"\x01"
        + here
        + (1).to_bytes(8)
        + value(1).running
    )
    assert proof.encode() == expected


def test_a_way_of_all_256_bits_is_provable() -> None:
    values = {tag("01", 0): value(1), tag("01", 1): value(2)}
    root, nodes = grown(values)
    proof = streams.prove(nodes.get_node, root, tag("01", 1))
    assert len(proof.siblings) == 256
    assert len(proof.encode()) == 2 + 32 + 32 + 73
    assert streams.verify(MapProof.decode(proof.encode()), root, tag("01", 1)) == value(2)
    newer, new = streams.update(nodes.get_node, root, {tag("01", 0): value(3)})
    assert newer == reference.root({**values, tag("01", 0): value(3)})
    assert len(new) == 257


def test_every_root_of_the_past_stays_provable() -> None:
    random = Random(7)
    tags = [random.randbytes(32) for _ in range(40)]
    nodes, root = Nodes(), EMPTY
    now: dict[bytes, MapValue] = {}
    history: list[tuple[bytes, dict[bytes, MapValue]]] = [(EMPTY, {})]
    for step in range(30):
        batch = {each: value(step * 100 + number) for number, each in enumerate(random.sample(tags, 5), 1)}
        root, new = streams.update(nodes.get_node, root, batch)
        nodes |= new
        now = now | batch
        history.append((root, now))
    for then, values in history:
        assert then == reference.root(values)
        for each in tags:
            assert streams.verify(streams.prove(nodes.get_node, then, each), then, each) == values.get(each)


def test_an_update_makes_only_the_nodes_of_its_result() -> None:
    random = Random(3)
    values = {random.randbytes(32): value(number) for number in range(1, 50)}
    root, nodes = grown(values)
    changes = {each: value(99) for each in random.sample(sorted(values), 10)}
    newer, new = streams.update(nodes.get_node, root, changes)
    reachable = streams.load_paths(Nodes(nodes | new).get_many, newer, values)
    assert set(new) <= set(reachable)
    assert not set(new) & set(nodes)


def test_no_change_is_no_change() -> None:
    root, nodes = grown({tag("1"): value(1)})
    assert streams.update(nodes.get_node, root, {}) == (root, {})
    assert streams.update(nodes.get_node, root, {tag("1"): value(1)})[0] == root


def test_loaded_paths_are_all_that_update_and_prove_ask_for() -> None:
    random = Random(5)
    values = {random.randbytes(32): value(number) for number in range(1, 300)} | {tag("01", 0): value(1)}
    root, nodes = grown(values)
    asked = [*random.sample(sorted(values), 20), *(random.randbytes(32) for _ in range(20)), tag("01", 1)]
    loaded = streams.load_paths(nodes.get_many, root, asked)
    assert len(loaded) < len(nodes) / 2
    for each in asked:
        proof = streams.prove(loaded.__getitem__, root, each)
        assert streams.verify(proof, root, each) == values.get(each)
    changes = {each: value(7) for each in asked}
    assert streams.update(loaded.__getitem__, root, changes)[0] == reference.root(values | changes)
    assert streams.load_paths(nodes.get_many, EMPTY, asked) == {}
    assert streams.load_paths(nodes.get_many, root, []) == {}


WRONG_CHANGES = {
    "short tag": {bytes(31): value(1)},
    "long tag": {bytes(33): value(1)},
    "short running hash": {bytes(32): MapValue(1, bytes(31))},
    "count zero": {bytes(32): MapValue(0, bytes(32))},
    "count negative": {bytes(32): MapValue(-1, bytes(32))},
    "count past u64": {bytes(32): MapValue(1 << 64, bytes(32))},
}


@pytest.mark.parametrize("name", WRONG_CHANGES)
def test_what_no_map_can_hold_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        streams.update(Nodes().get_node, EMPTY, WRONG_CHANGES[name])


@pytest.mark.parametrize(
    "junk", [b"", b"\x11", bytes(65), bytes(73), b"\x11" + bytes(72), b"\x10" + bytes(64)]
)
def test_a_damaged_store_is_reported_not_built_upon(junk: bytes) -> None:
    for ask in (streams.prove, lambda get, root, each: streams.update(get, root, {each: value(1)})):
        with pytest.raises(MalformedError, match="neither a leaf nor an inner node"):
            ask(lambda _: junk, bytes([1]) * 32, tag("1"))


def test_a_store_that_goes_down_without_end_is_reported() -> None:
    root = bytes([1]) * 32
    endless = b"\x11" + root + root
    changes = {tag("1"): value(1), tag("1", 1): value(1)}
    for ask in (
        lambda: streams.prove(lambda _: endless, root, tag("1")),
        lambda: streams.update(lambda _: endless, root, changes),
        lambda: streams.load_paths(lambda nodes: dict.fromkeys(nodes, endless), root, changes),
    ):
        with pytest.raises(MalformedError, match="deeper"):
            ask()


HONEST = {
    tag("0"): value(1),
    tag("01"): value(2),
    tag("1"): value(3),
    tag("1", 1): value(4),
    tag("11"): value(5),
}


class TestProofsThatDoNotHold:
    """One honest map of five leaves, and everything that is not its proof."""

    root, nodes = grown(HONEST)

    def proof(self, each: bytes) -> MapProof:
        return streams.prove(self.nodes.get_node, self.root, each)

    def accepted(self, data: bytes, each: bytes) -> bool:
        try:
            streams.verify(MapProof.decode(data), self.root, each)
        except (MalformedError, VerificationError):
            return False
        return True

    @pytest.mark.parametrize("each", [tag("0"), tag("1", 1), tag("001"), tag("1", 3)], ids=bytes.hex)
    def test_every_flipped_bit_is_refused(self, each: bytes) -> None:
        data = self.proof(each).encode()
        assert self.accepted(data, each)
        for place in range(len(data)):
            for bit in range(8):
                bad = bytearray(data)
                bad[place] ^= 1 << bit
                assert not self.accepted(bytes(bad), each), f"byte {place}, bit {bit}"

    @pytest.mark.parametrize("each", [tag("0"), tag("1", 1), tag("001"), tag("1", 3)], ids=bytes.hex)
    def test_every_truncation_and_any_byte_more_is_refused(self, each: bytes) -> None:
        data = self.proof(each).encode()
        for length in range(len(data)):
            assert not self.accepted(data[:length], each)
        assert not self.accepted(data + b"\x00", each)
        assert not self.accepted(b"\x00" + data, each)

    def test_a_proof_holds_under_no_other_root(self) -> None:
        proof = self.proof(tag("0"))
        other, _ = streams.update(self.nodes.get_node, self.root, {tag("11"): value(6)})
        for root in (other, EMPTY, self.root[::-1]):
            with pytest.raises(VerificationError):
                streams.verify(proof, root, tag("0"))

    def test_the_leaf_of_another_place_does_not_show_absence(self) -> None:
        proof = self.proof(tag("1", 1))
        with pytest.raises(VerificationError) as caught:
            streams.verify(proof, self.root, tag("001"))
        assert caught.value.code == "map-leaf-elsewhere"

    def test_presence_cannot_be_told_as_absence(self) -> None:
        proof = self.proof(tag("1", 1))
        with pytest.raises(VerificationError):
            streams.verify(MapProof(proof.siblings, None), self.root, tag("1", 1))
        stranger = MapLeaf(tag("1", 7), value(4))
        with pytest.raises(VerificationError):
            streams.verify(MapProof(proof.siblings, stranger), self.root, tag("1", 1))

    @pytest.mark.parametrize("cut", [slice(1, None), slice(None, -1), slice(None, None, -1)])
    def test_missing_or_reordered_siblings_are_refused(self, cut: slice) -> None:
        proof = self.proof(tag("0"))
        with pytest.raises(VerificationError):
            streams.verify(MapProof(proof.siblings[cut], proof.leaf), self.root, tag("0"))

    @pytest.mark.parametrize("wrong", [None, "x" * 32, 3, b"", bytes(31), bytes(33)])
    def test_a_root_or_tag_of_wrong_type_or_length_is_a_verification_error(self, wrong: bytes) -> None:
        proof = self.proof(tag("0"))
        with pytest.raises(VerificationError):
            streams.verify(proof, wrong, tag("0"))
        with pytest.raises(VerificationError):
            streams.verify(proof, self.root, wrong)


FULL = bytes([7]) * 32
NOT_CANONICAL = {
    "nothing": b"",
    "deepest sibling of a leaf empty": b"\x00\x02\x80" + FULL + b"\x01" + bytes(39) + b"\x01" + bytes(32),
    "deepest sibling of an empty place empty": b"\x00\x01\x00\x00",
    "unused bitmap bit set": b"\x00\x01\xc0" + FULL + FULL + b"\x00",
    "sibling marked full is empty": b"\x00\x02\xc0" + EMPTY + FULL + b"\x00",
    "depth 257": b"\x01\x01" + bytes(32) + b"\x80" + FULL + b"\x00",
    "terminal 2": b"\x00\x00\x02",
    "terminal 0 with a leaf": b"\x00\x00\x00" + bytes(39) + b"\x01" + bytes(32),
    "terminal 1 without a leaf": b"\x00\x00\x01",
    "count zero": b"\x00\x00\x01" + bytes(72),
}


@pytest.mark.parametrize("name", NOT_CANONICAL)
def test_bytes_that_encode_no_canonical_place_are_malformed(name: str) -> None:
    with pytest.raises(MalformedError):
        MapProof.decode(NOT_CANONICAL[name])


def test_a_proof_made_by_hand_is_held_to_the_same_shape() -> None:
    for siblings, leaf in (
        ((FULL,) * 257, None),
        ((bytes(31),), None),
        ((FULL, EMPTY), None),
        ((), MapLeaf(bytes(31), value(1))),
        ((), MapLeaf(bytes(32), MapValue(1 << 64, bytes(32)))),
    ):
        with pytest.raises(MalformedError):
            MapProof(siblings, leaf)


def nothing_yet(_: bytes) -> None:
    """Hold no stream yet."""


class TestReplay:
    """A log replayed into map values."""

    one, two = tag("0"), tag("1")

    def test_running_hashes_chain_every_entry_of_a_stream_with_its_index(self) -> None:
        entries = [(1, b"a", [self.one]), (2, b"b", [self.two, self.one]), (5, b"c", [self.two])]
        values = streams.replay(entries, nothing_yet)
        first = sha256(b"\x12" + bytes(32) + (1).to_bytes(8) + b"a").digest()
        assert values[self.one] == MapValue(2, sha256(b"\x12" + first + (2).to_bytes(8) + b"b").digest())
        first = sha256(b"\x12" + bytes(32) + (2).to_bytes(8) + b"b").digest()
        assert values[self.two] == MapValue(2, sha256(b"\x12" + first + (5).to_bytes(8) + b"c").digest())

    def test_replay_in_pieces_ends_where_replay_in_one_does(self) -> None:
        entries = [(number, b"%d" % number, [self.one] if number % 3 else [self.two]) for number in range(20)]
        whole = streams.replay(entries, nothing_yet)
        pieces: dict[bytes, MapValue] = {}
        for start in range(0, 20, 4):
            pieces |= streams.replay(entries[start : start + 4], pieces.get)
        assert pieces == whole

    def test_only_touched_streams_are_returned(self) -> None:
        before = {self.one: value(1), self.two: value(2)}
        assert set(streams.replay([(9, b"x", [self.two])], before.get)) == {self.two}

    def test_a_stream_named_twice_or_entries_out_of_order_are_malformed(self) -> None:
        with pytest.raises(MalformedError, match="twice"):
            streams.replay([(1, b"a", [self.one, self.one])], nothing_yet)
        for second in (1, 2):
            with pytest.raises(MalformedError, match="comes after"):
                streams.replay([(2, b"a", [self.one]), (second, b"b", [self.one])], nothing_yet)


def test_a_proof_stays_under_two_kilobytes_at_100_000_streams() -> None:
    random = Random(11)
    tags = [random.randbytes(32) for _ in range(100_000)]
    root, nodes = grown({each: value(1) for each in tags})
    sizes = [len(streams.prove(nodes.__getitem__, root, each).encode()) for each in random.sample(tags, 500)]
    assert max(sizes) < 2048
