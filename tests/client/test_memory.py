"""What a client remembers: a log that shows two histories is caught, and convicted by what is kept."""

from pathlib import Path

import pytest

from ledger.client.memory import Memory, opened
from ledger.domain.checkpoint import Checkpoint, sign_checkpoint
from ledger.domain.errors import CorridorError, MalformedError, UnavailableError, VerificationError
from ledger.domain.note import ED25519, VerifierKey
from tests.builders import ORIGIN, a_genesis, an_ed25519_key
from tests.client.pretend import URL
from tests.domain.merkle_reference import proof, tree_hash
from tests.log.logs import log_signer

GENESIS = a_genesis()
HONEST = [bytes([number]) for number in range(40)]
OTHER = [*HONEST[:10], b"another", *HONEST[11:]]


def note_of(entries: list[bytes]) -> bytes:
    signer = log_signer()
    return sign_checkpoint(Checkpoint(ORIGIN, len(entries), tree_hash(entries)), signer.key, signer.sign)


def see(memory: Memory, entries: list[bytes]) -> int:
    return memory.see(GENESIS, note_of(entries), lambda size1, _size2: proof(size1, entries)).size


@pytest.fixture(params=["in a folder", "for this run"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Memory:
    return Memory(tmp_path / "state" if request.param == "in a folder" else None)


def test_a_log_that_grows_is_followed(memory: Memory) -> None:
    assert memory.newest(GENESIS) is None
    for size in (2, 9, 9, 40):
        assert see(memory, HONEST[:size]) == size
        newest = memory.newest(GENESIS)
        assert newest is not None
        assert newest.root == tree_hash(HONEST[:size])


def test_an_older_checkpoint_is_no_step_back(memory: Memory) -> None:
    see(memory, HONEST[:30])
    assert see(memory, HONEST[:9]) == 30
    assert see(memory, OTHER[:20]) == 30, "a fork shows when it has grown past what was seen"


@pytest.mark.parametrize("size", [20, 21, 40])
def test_another_history_is_caught_and_kept_as_proof(tmp_path: Path, size: int) -> None:
    memory = Memory(tmp_path)
    see(memory, HONEST[:20])
    with pytest.raises(VerificationError) as caught:
        see(memory, OTHER[:size])
    assert caught.value.code == "split-view"
    kept = sorted(path for path in (tmp_path / "logs" / GENESIS.hash.hex()).iterdir())
    roots = [opened(path.read_bytes(), GENESIS).root for path in kept]
    assert sorted(roots) == sorted([tree_hash(HONEST[:20]), tree_hash(OTHER[:size])])
    assert Memory(tmp_path).newest(GENESIS) == opened(note_of(HONEST[:20]), GENESIS)


def test_a_checkpoint_that_the_log_did_not_sign_is_not_remembered(memory: Memory) -> None:
    note = note_of(HONEST[:5])
    other = an_ed25519_key("another log")
    key = VerifierKey(ORIGIN, ED25519, other.public_key().public_bytes_raw())
    forged = sign_checkpoint(Checkpoint(ORIGIN, 5, tree_hash(HONEST[:5])), key, other.sign)
    for wrong in (b"", b"\x00" * 100, note[:-10], note.replace(b"\n5\n", b"\n6\n"), forged):
        with pytest.raises((MalformedError, VerificationError)):
            memory.see(GENESIS, wrong, lambda _a, _b: [])
    assert memory.newest(GENESIS) is None


def test_the_log_of_a_service_is_remembered(memory: Memory) -> None:
    assert memory.log_of(URL) is None
    memory.learn(URL, GENESIS)
    assert memory.log_of(URL) == GENESIS
    assert memory.log_of(URL + "/other") is None


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x00" * 50])
def test_a_memory_that_is_spoilt_begins_anew(tmp_path: Path, content: bytes) -> None:
    memory = Memory(tmp_path)
    see(memory, HONEST[:20])
    memory.learn(URL, GENESIS)
    for path in sorted(tmp_path.rglob("*")):
        if path.is_file():
            path.write_bytes(content)
    assert memory.newest(GENESIS) is None
    assert memory.log_of(URL) is None
    assert see(memory, HONEST[:30]) == 30


def test_a_folder_that_cannot_be_used_is_said() -> None:
    memory = Memory(Path("/dev/null/state"))
    with pytest.raises(CorridorError) as caught:
        see(memory, HONEST[:5])
    assert isinstance(caught.value, UnavailableError)
