"""What a witness signs and what it does not, on its real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, select

from ledger.domain.checkpoint import Checkpoint, sign_checkpoint, verify_cosignatures
from ledger.domain.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from ledger.domain.merkle import EMPTY_ROOT
from ledger.domain.note import ED25519, Note, VerifierKey, parse_signatures
from ledger.log.witness import KnownLog, Witness, judge
from ledger.log.witness_ports import Cosigned
from ledger.log.witness_protocol import Request, WitnessConflict
from ledger.log.witness_store import MAX_EVIDENCE, SqliteWitnessStore
from ledger.log.witness_tables import refused
from tests.builders import NOON, a_log_verifier_key, an_ed25519_key
from tests.witness.log_simulator import SetClock, SimulatedLog, a_store, a_witness, witness_vkey


@pytest.fixture
def log() -> SimulatedLog:
    log = SimulatedLog()
    log.grow("a", "b")
    return log


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteWitnessStore]:
    store = a_store(tmp_path)
    yield store
    store.close()


def evidence(folder: Path) -> list[tuple[int, str]]:
    """Return size and reason of each refused checkpoint that is kept."""
    engine = create_engine(f"sqlite:///{folder / 'witness.db'}")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(select(refused.c.size, refused.c.reason))]
    engine.dispose()
    return sorted(rows)


def time_of(line: bytes, note: bytes) -> int:
    """Return the time of a cosignature line, once it has been seen to verify."""
    signed = Note(Note.parse(note).text, parse_signatures(line.decode()))
    [cosignature] = verify_cosignatures(signed, [VerifierKey.parse(witness_vkey())])
    return cosignature.timestamp


def test_a_first_checkpoint_and_one_that_goes_on_from_it_are_cosigned(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    clock = SetClock()
    witness = a_witness(store, log, clock=clock)
    assert time_of(witness.add_checkpoint(log.request(0)), log.note()) == NOON
    old_size = len(log.entries)
    size = log.grow("c")
    clock.now += 7
    assert time_of(witness.add_checkpoint(log.request(old_size)), log.note()) == NOON + 7
    assert store.newest(log.origin) == Cosigned(size, log.root(), NOON + 7)


def test_the_same_checkpoint_is_cosigned_anew_at_a_later_time(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    clock = SetClock()
    witness = a_witness(store, log, clock=clock)
    witness.add_checkpoint(log.request(0))
    clock.now += 60
    assert time_of(witness.add_checkpoint(log.request(len(log.entries))), log.note()) == NOON + 60


def test_a_witness_whose_clock_went_back_signs_nothing(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    clock = SetClock()
    witness = a_witness(store, log, clock=clock)
    witness.add_checkpoint(log.request(0))
    clock.now -= 1
    with pytest.raises(UnavailableError, match="went back"):
        witness.add_checkpoint(log.request(len(log.entries)))
    newest = store.newest(log.origin)
    assert newest is not None
    assert newest.time == NOON


def test_the_size_that_the_log_must_go_on_from_is_told(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    witness = a_witness(store, log)
    with pytest.raises(WitnessConflict) as conflict:
        witness.add_checkpoint(log.request(2))
    assert conflict.value.size == 0
    witness.add_checkpoint(log.request(0))
    size = len(log.entries)
    log.grow("c")
    for old_size in (0, size - 1, size + 1):
        with pytest.raises(WitnessConflict) as conflict:
            witness.add_checkpoint(log.request(old_size))
        assert conflict.value.size == size


def test_it_never_goes_back(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    witness = a_witness(store, log)
    small = len(log.entries)
    large = log.grow("c")
    witness.add_checkpoint(log.request(0, large))
    for old_size in (0, small):
        with pytest.raises(WitnessConflict) as conflict:
            witness.add_checkpoint(log.request(old_size, small))
        assert conflict.value.size == large
    with pytest.raises(MalformedError, match="over that of the checkpoint"):
        witness.add_checkpoint(Request.make(large, [], log.note(small)).encode())
    newest = store.newest(log.origin)
    assert newest is not None
    assert newest.size == large


@pytest.mark.parametrize("at", ["the newest size", "an earlier size"])
def test_a_second_root_of_a_size_is_refused_and_kept(
    store: SqliteWitnessStore, log: SimulatedLog, tmp_path: Path, at: str
) -> None:
    witness = a_witness(store, log)
    first = len(log.entries)
    witness.add_checkpoint(log.request(0))
    fork = log.fork(1)
    fork.grow("x", "y")
    assert len(fork.entries) == first
    if at == "an earlier size":
        log.grow("c")
        witness.add_checkpoint(log.request(first))
    for old_size in (0, first):
        with pytest.raises(WitnessConflict) as conflict:
            witness.add_checkpoint(Request.make(old_size, [], fork.note()).encode())
        assert conflict.value.code == "witness-other-root"
        assert conflict.value.size == len(log.entries)
    assert evidence(tmp_path) == [(first, "witness-other-root")]
    assert store.root_of(log.origin, first) == log.root(first)


def test_a_fork_is_refused_whatever_its_proof_and_kept(
    store: SqliteWitnessStore, log: SimulatedLog, tmp_path: Path
) -> None:
    witness = a_witness(store, log)
    size = len(log.entries)
    witness.add_checkpoint(log.request(0))
    fork = log.fork(1)
    fork.grow("x", "y")
    fork.grow("z")
    log.grow("c")
    honest, forked = log.proof(size), fork.proof(size)
    for proof in (honest, forked, [], [bytes(32)], honest[:-1], [*honest, bytes(32)], honest[::-1]):
        with pytest.raises(VerificationError):
            witness.add_checkpoint(Request.make(size, proof, fork.note()).encode())
    assert evidence(tmp_path) == [(len(fork.entries), "consistency-root-mismatch")]
    assert store.root_of(log.origin, len(fork.entries)) is None


def test_from_size_0_the_proof_is_empty(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    with pytest.raises(VerificationError, match="must be empty"):
        a_witness(store, log).add_checkpoint(Request.make(0, [bytes(32)], log.note()).encode())


def test_an_empty_log_has_one_root(store: SqliteWitnessStore) -> None:
    log = SimulatedLog()
    log.entries = []
    a_witness(store, log).add_checkpoint(log.request(0))
    wrong = Checkpoint(log.origin, 0, bytes(32))
    with pytest.raises(VerificationError, match="empty log"):
        judge(None, 0, [], wrong)
    with pytest.raises(WitnessConflict):
        judge(Cosigned(0, EMPTY_ROOT, NOON), 0, [], wrong)
    log.entries = [b"\x00" + bytes(32)]
    a_witness(store, log).add_checkpoint(log.request(0))


def test_a_log_that_is_not_known_is_not_found(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    other = SimulatedLog("other.example/log")
    with pytest.raises(NotFoundError, match=r"other\.example/log"):
        a_witness(store, log).add_checkpoint(other.request(0))


def test_logs_do_not_disturb_each_other(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    other = SimulatedLog("other.example/log", seed="other log")
    other.grow("a")
    witness = a_witness(store, log, other)
    witness.add_checkpoint(log.request(0))
    witness.add_checkpoint(other.request(0))
    sizes = [newest.size for name in (log, other) if (newest := store.newest(name.origin))]
    assert sizes == [len(log.entries), len(other.entries)]


def foreign_signature(log: SimulatedLog) -> bytes:
    return SimulatedLog(log.origin, seed="another key").note(1)


def signature_of_another_size(log: SimulatedLog) -> bytes:
    return log.note().replace(b"\n%d\n" % len(log.entries), b"\n%d\n" % (len(log.entries) + 1))


def signature_by_the_witness_itself(log: SimulatedLog) -> bytes:
    key = VerifierKey(log.origin, ED25519, an_ed25519_key("witness").public_key().public_bytes_raw())
    return sign_checkpoint(log.checkpoint(), key, an_ed25519_key("witness").sign)


@pytest.mark.parametrize(
    "forge", [foreign_signature, signature_of_another_size, signature_by_the_witness_itself]
)
def test_what_the_log_did_not_sign_is_forbidden_and_not_kept(
    store: SqliteWitnessStore, log: SimulatedLog, tmp_path: Path, forge: object
) -> None:
    assert callable(forge)
    with pytest.raises(PolicyError):
        a_witness(store, log).add_checkpoint(Request.make(0, [], forge(log)).encode())
    assert evidence(tmp_path) == []
    assert store.newest(log.origin) is None


def test_signatures_of_others_beside_the_logs_do_not_matter(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    foreign = Note.parse(SimulatedLog("other.example/log", seed="other log").note()).signatures
    note = Note.parse(log.note()).add(*foreign).encode()
    a_witness(store, log).add_checkpoint(Request.make(0, [], note).encode())


def test_any_of_a_logs_keys_will_do(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    rotated = a_log_verifier_key(log.origin, "next key")
    sign = an_ed25519_key("witness").sign
    known = KnownLog(log.origin, (rotated, log.vkey))
    Witness(witness_vkey(), sign, [known], store, SetClock()).add_checkpoint(log.request(0))


@pytest.mark.parametrize("note", [b"", b"\n", b"no note", b"log.example\n1\n\n", "ä".encode("latin-1")])
def test_what_is_no_checkpoint_is_malformed(
    store: SqliteWitnessStore, log: SimulatedLog, note: bytes
) -> None:
    with pytest.raises(MalformedError):
        a_witness(store, log).add_checkpoint(b"old 0\n\n" + note)


def test_evidence_is_kept_once_for_a_checkpoint_and_not_without_bounds(
    store: SqliteWitnessStore, log: SimulatedLog, tmp_path: Path
) -> None:
    for size in [7, 7, *range(MAX_EVIDENCE + 5)]:
        store.refuse(Checkpoint(log.origin, size, bytes(32)), b"note", "a-reason", NOON)
    assert len(evidence(tmp_path)) == MAX_EVIDENCE


def test_the_state_of_one_key_is_not_used_by_another(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    path = tmp_path / "witness.db"
    with pytest.raises(ConflictError, match="its own folder"):
        SqliteWitnessStore(path, witness_vkey(seed="another"), "witness")
    with pytest.raises(ConflictError, match="its own folder"):
        a_store(tmp_path, "index-cosigner")
    a_store(tmp_path).close()


def test_a_key_that_is_not_the_signers_is_noticed_before_anything_is_signed(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    with pytest.raises(UsageError, match="not that of"):
        Witness(witness_vkey(), an_ed25519_key("another").sign, [], store, SetClock())
    with pytest.raises(UsageError, match="type 04"):
        Witness(log.vkey, an_ed25519_key("log").sign, [], store, SetClock())


def test_a_signer_that_fails_later_leaves_a_decision_that_can_be_signed_again(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    keys: list[Ed25519PrivateKey] = [an_ed25519_key("witness")]

    def sign(message: bytes) -> bytes:
        return keys[-1].sign(message)

    witness = Witness(
        witness_vkey(),
        sign,
        [KnownLog(log.origin, (log.vkey,))],
        store,
        SetClock(),
    )
    keys.append(an_ed25519_key("another"))
    with pytest.raises(UnavailableError, match="cannot sign"):
        witness.add_checkpoint(log.request(0))
    keys.pop()
    witness.add_checkpoint(log.request(len(log.entries)))


def test_a_logs_key_must_be_one_of_that_log(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    sign = an_ed25519_key("witness").sign
    for vkeys in ((), (a_log_verifier_key("other.example/log"),), (witness_vkey(log.origin),)):
        with pytest.raises(UsageError):
            Witness(witness_vkey(), sign, [KnownLog(log.origin, vkeys)], store, SetClock())


def test_the_decision_is_durable_before_the_answer_and_nothing_is_signed_if_it_is_not(
    tmp_path: Path, log: SimulatedLog
) -> None:
    steps: list[str] = []

    def fault(step: str) -> None:
        steps.append(step)
        if step == "commit" and steps.count("commit") == 1:
            raise UnavailableError("database-full", "there is no room left")

    store = a_store(tmp_path, fault=fault)
    witness = a_witness(store, log, fault=fault)
    with pytest.raises(UnavailableError, match="no room"):
        witness.add_checkpoint(log.request(0))
    assert steps == ["judged", "commit"]
    assert store.newest(log.origin) is None
    witness.add_checkpoint(log.request(0))
    assert steps[2:] == ["judged", "commit", "stored", "signed"]
    store.close()
