"""Log entries: three forms, each read back as written, nothing else taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.entry import (
    Entry,
    GenesisEntry,
    MapRootEntry,
    StatementEntry,
    genesis_entry,
    map_root_entry,
    parse_entry,
    statement_entry,
)
from ledger.domain.errors import MalformedError, UsageError
from tests.builders import seeded

HASHES = st.binary(min_size=32, max_size=32)
HASH, TAG = seeded("hash", 32), seeded("tag", 32)


def encode(entry: Entry) -> bytes:
    match entry:
        case GenesisEntry():
            return genesis_entry(entry.genesis_hash)
        case StatementEntry():
            return statement_entry(entry.envelope, entry.tags)
        case MapRootEntry():
            return map_root_entry(entry.map_root)


def test_the_bytes_are_those_of_the_formats() -> None:
    assert genesis_entry(HASH) == b"\x00" + HASH
    assert map_root_entry(HASH) == b"\x02" + HASH
    assert statement_entry(HASH, [TAG, HASH]) == b"\x01" + HASH + b"\x00\x02" + TAG + HASH


@given(
    st.builds(GenesisEntry, HASHES)
    | st.builds(MapRootEntry, HASHES)
    | st.builds(StatementEntry, HASHES, st.lists(HASHES, min_size=1, max_size=16, unique=True).map(tuple))
)
def test_comes_back(entry: Entry) -> None:
    assert parse_entry(encode(entry)) == entry


@given(st.integers(0, 5), st.binary(max_size=120))
def test_any_bytes_are_read_in_the_one_way_or_refused(kind: int, rest: bytes) -> None:
    data = bytes([kind]) + rest
    try:
        entry = parse_entry(data)
    except MalformedError:
        return
    assert encode(entry) == data


GOOD = statement_entry(HASH, [TAG, HASH])
BAD = {
    "nothing": b"",
    "unknown form": b"\x03" + HASH,
    "genesis cut off": b"\x00" + HASH[:-1],
    "genesis too long": b"\x00" + HASH + b"\x00",
    "map root cut off": b"\x02" + HASH[:-1],
    "statement without streams": b"\x01" + HASH + b"\x00\x00",
    "statement cut off in the count": b"\x01" + HASH + b"\x00",
    "statement with fewer tags than it says": GOOD[:-32],
    "statement with more tags than it says": GOOD + HASH,
    "statement cut off in a tag": GOOD[:-1],
    "statement with a tag twice": b"\x01" + HASH + b"\x00\x02" + TAG + TAG,
    "statement in 17 streams": b"\x01" + HASH + b"\x00\x11" + b"".join(seeded(n, 32) for n in range(17)),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_refuses(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_entry(data)
    assert caught.value.code == "malformed-entry"


def test_refuses_to_write_what_it_would_not_read() -> None:
    for tags in ([], [TAG, TAG], [b"short"], [seeded(n, 32) for n in range(17)]):
        with pytest.raises(UsageError):
            statement_entry(HASH, tags)
    for make in (genesis_entry, map_root_entry):
        with pytest.raises(UsageError):
            make(b"short")
