"""The map against the slow reference, on tags that Hypothesis makes adversarially close to one another."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import map as streams
from ledger.domain.errors import MalformedError, VerificationError
from ledger.domain.map import EMPTY, MapProof, MapValue
from tests.domain import map_reference as reference
from tests.domain.map_reference import Nodes

ALL_BITS = (1 << 256) - 1


@st.composite
def close_tags(draw: st.DrawFn) -> bytes:
    """Tags that share long beginnings: one of two bases with a few single bits turned over."""
    number = draw(st.sampled_from([0, ALL_BITS // 3]))
    for bit in draw(st.lists(st.integers(0, 255), max_size=3)):
        number ^= 1 << bit
    return number.to_bytes(32)


TAGS = st.one_of(close_tags(), st.binary(min_size=32, max_size=32))
VALUES = st.builds(MapValue, st.integers(1, (1 << 64) - 1), st.binary(min_size=32, max_size=32))
BATCHES = st.lists(st.dictionaries(TAGS, VALUES, max_size=12), max_size=5)


@given(BATCHES, st.lists(TAGS, max_size=5))
def test_any_batches_lead_to_the_defined_root_and_provable_values(
    batches: list[dict[bytes, MapValue]], asked: list[bytes]
) -> None:
    nodes = Nodes()
    root = EMPTY
    values: dict[bytes, MapValue] = {}
    for batch in batches:
        known = streams.load_paths(nodes.get_many, root, batch)
        root, new = streams.update(known.__getitem__, root, batch)
        nodes |= new
        values |= batch
        assert root == reference.root(values)
    for tag in [*values, *asked]:
        proof = streams.prove(nodes.get_node, root, tag)
        assert list(proof.siblings) == reference.siblings(values, tag)
        assert MapProof.decode(proof.encode()) == proof
        assert streams.verify(proof, root, tag) == values.get(tag)


@given(st.dictionaries(TAGS, VALUES, min_size=1, max_size=12), TAGS, st.data())
def test_any_changed_byte_of_a_proof_is_refused(
    values: dict[bytes, MapValue], tag: bytes, data: st.DataObject
) -> None:
    root, nodes = streams.update(Nodes().get_node, EMPTY, values)
    proof = streams.prove(nodes.__getitem__, root, tag).encode()
    place = data.draw(st.integers(0, len(proof) - 1))
    changed = data.draw(st.integers(0, 255).filter(lambda byte: byte != proof[place]))
    bad = proof[:place] + bytes([changed]) + proof[place + 1 :]
    try:
        streams.verify(MapProof.decode(bad), root, tag)
    except (MalformedError, VerificationError):
        return
    raise AssertionError(f"byte {place} may be changed")


@given(st.binary(max_size=300))
def test_arbitrary_bytes_decode_to_themselves_or_are_malformed(data: bytes) -> None:
    try:
        proof = MapProof.decode(data)
    except MalformedError:
        return
    assert proof.encode() == data
