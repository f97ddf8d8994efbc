"""Figures of the log: appending, proofs and the map, each beside a floor from the same run.

Databases lie where temporary files do; point TMPDIR at the disk that is to be measured.
"""

import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from pymerkle import SqliteTree

from ledger.corridors.profile import foundation_profile
from ledger.domain.directory import KeyStatus
from ledger.domain.entry import statement_entry
from ledger.domain.merkle import leaf_hash, verify_inclusion
from ledger.domain.statement import SignedStatement, Statement
from ledger.domain.subject import SUBJECT_OPENED
from ledger.log.append import Submission
from ledger.log.policy import RegistrationPolicy
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore
from ledger.log.writer import extend, write
from ledger.storage.faults import no_fault
from tests.builders import EXPORTER, a_genesis, a_signer, a_statement, a_trip, an_author
from tests.log.logs import a_log, noon

Row = dict[str, Any]

STATEMENTS = 2_000
TRIPS = 200
GROUP = 500
ROUNDS = 5
PROOFS = 100_000
PYMERKLE_PROOFS = 10_000
SMALL, LARGE = 100_000, 1_000_000
STREAMS = 100_000
MAP_BATCH = 50_000
SMALL_MAP_BATCH = 1_000


def rows() -> list[Row]:
    """Measure everything."""
    return [*appending(), *proving(), *mapping()]


def appending() -> list[Row]:
    """Check statements by the whole registration policy and append them durably.

    Once in groups by one thread, once through the sequencer, whose thread shares the interpreter with the one
    that checks. The floor is the bare verification of the same ES256 signatures on one core, in turns with
    both; reported is the turn with the median ratio.
    """
    trips = [a_trip(seed=number) for number in range(TRIPS)]
    author = an_author()
    key = a_signer(EXPORTER).key
    policy = RegistrationPolicy(_OneKey(), foundation_profile(), a_genesis(), noon)
    grouped: list[tuple[float, float]] = []
    sequenced: list[tuple[float, float]] = []
    with _folder() as folder, a_log(folder) as store, Sequencer(store) as sequencer:
        for trip in trips:
            sequencer.append(Submission(author.opens(trip).statement))

        def in_groups(said: list[SignedStatement]) -> None:
            for start in range(0, len(said), GROUP):
                store.append([policy.check(one.raw, (), key) for one in said[start : start + GROUP]])

        def through_the_sequencer(said: list[SignedStatement]) -> None:
            for future in [sequencer.submit(policy.check(one.raw, (), key)) for one in said]:
                future.result()

        for _ in range(ROUNDS):
            for way, turns in ((in_groups, grouped), (through_the_sequencer, sequenced)):
                said = [
                    author.says("seal-check", trips[place % TRIPS], {"seal": "GT8841207", "place": place})
                    for place in range(STATEMENTS)
                ]
                floor = _bare_verification([one.statement for one in said], key.public_key)
                begin = perf_counter()
                way(said)
                turns.append((STATEMENTS / (perf_counter() - begin), floor))
    (value, floor), (shared, other_floor) = (
        sorted(turns, key=lambda turn: turn[0] / turn[1])[ROUNDS // 2] for turns in (grouped, sequenced)
    )
    return [
        _rate(f"statements checked (ES256) and appended durably, groups of {GROUP}", value, floor, 0.3),
        _rate("the same one by one through the sequencer", shared, other_floor, 0),
    ]


class _OneKey:
    """A directory with one participant."""

    def __init__(self) -> None:
        key = a_signer(EXPORTER).key
        roles = frozenset({"exporter", "origin-port"})
        self._known = {key.thumbprint: KeyStatus(EXPORTER, key, roles, active=True)}

    def lookup(self, kid: bytes) -> KeyStatus | None:
        return self._known.get(kid)


def _bare_verification(said: list[Statement], key: object) -> float:
    assert isinstance(key, EllipticCurvePublicKey)
    work = [
        (encode_dss_signature(int.from_bytes(one.signature[:32]), int.from_bytes(one.signature[32:])), one)
        for one in said
    ]
    algorithm = ECDSA(SHA256())
    begin = perf_counter()
    for signature, one in work:
        key.verify(signature, one.to_be_signed, algorithm)
    return len(said) / (perf_counter() - begin)


def proving() -> list[Row]:
    """Make inclusion proofs of random entries, 100,000 from a store that starts with nothing in memory.

    Reported is the better one of two such runs; pymerkle, which keeps what it read too, makes 10,000.
    The trees are written by `extend`, the one write path of the log, with entries of random hashes.
    """
    chance = random.Random(1)
    small, entries = _proofs_a_second(SMALL, chance)
    large, _ = _proofs_a_second(LARGE, chance)
    with _folder() as folder:
        tree = SqliteTree(str(folder / "pymerkle.db"))
        tree.append_entries(entries)
        places = [chance.randrange(SMALL) for _ in range(PYMERKLE_PROOFS)]
        begin = perf_counter()
        for place in places:
            tree.prove_inclusion(place + 1, SMALL)
        floor = PYMERKLE_PROOFS / (perf_counter() - begin)
        tree.close()
    return [
        _rate("inclusion proofs from SQLite, 100,000 leaves, beside pymerkle 7", small, floor, 3),
        _rate("inclusion proofs from SQLite, 1,000,000 leaves, beside 100,000", large, small, 0.5),
    ]


def _proofs_a_second(size: int, chance: random.Random) -> tuple[float, list[bytes]]:
    with _folder() as folder, a_log(folder) as writer:
        while (at := writer.size()) < size:
            new = [
                statement_entry(chance.randbytes(32), [chance.randbytes(32)])
                for _ in range(min(10_000, size - at))
            ]
            write(writer.engine, partial(extend, size=at, new=new, fault=no_fault))
        places = [chance.randrange(size) for _ in range(PROOFS)]
        seconds = []
        for _ in range(2):
            store = LogStore(writer.engine, noon)
            begin = perf_counter()
            for place in places:
                store.inclusion_proof(place, size)
            seconds.append(perf_counter() - begin)
        root = store.root(size)
        for place in places[:100]:
            proof = store.inclusion_proof(place, size)
            verify_inclusion(leaf_hash(store.entry(place)), place, size, proof, root)
        return PROOFS / min(seconds), store.entries(0, size) if size == SMALL else []


def mapping() -> list[Row]:
    """Bring the map up to date in the transaction that fixes a checkpoint, and prove streams in it.

    The statements are appended as always, but not signed: each is a copy of one, with random hashes.
    The floor is hashing alone: of what every changed stream's way from leaf to root has at least.
    """
    chance = random.Random(2)
    tags = [chance.randbytes(32) for _ in range(STREAMS)]
    results = []
    with _folder() as folder, a_log(folder) as store:
        for name, kind, batch in (
            ("map made of 100,000 entries in as many streams", SUBJECT_OPENED, tags),
            ("map of 100,000 streams after 50,000 entries", "seal-check", chance.choices(tags, k=MAP_BATCH)),
            (
                "map of 100,000 streams after 1,000 entries",
                "seal-check",
                chance.choices(tags, k=SMALL_MAP_BATCH),
            ),
        ):
            _append_copies(store, kind, batch, chance)
            begin = perf_counter()
            checkpoint, _ = store.checkpoints.fix()
            value = len(batch) / (perf_counter() - begin)
            target = 20_000 if len(batch) > SMALL_MAP_BATCH else 0
            results.append(_absolute(name, value, _hashes_a_second(), target))
        proofs = [store.map_proof(tag, checkpoint.size).encode() for tag in chance.sample(tags, 1_000)]
    largest = max(map(len, proofs))
    results.append(
        {
            "name": "completeness proof of a stream among 100,000, largest of 1,000",
            "value": largest,
            "unit": "bytes",
            "floor": 32 * 17,
            "ratio": largest / (32 * 17),
            "target": "under 2048 bytes",
            "met": largest < 2048,
        }
    )
    return results


def _append_copies(store: LogStore, kind: str, tags: list[bytes], chance: random.Random) -> None:
    pattern = a_statement().statement
    for start in range(0, len(tags), 1_000):
        store.append(
            [
                Submission(
                    replace(
                        pattern,
                        kind=kind,
                        id=chance.randbytes(32),
                        envelope=chance.randbytes(32),
                        streams=(tag,),
                    )
                )
                for tag in tags[start : start + 1_000]
            ]
        )


def _hashes_a_second() -> float:
    node = bytes(65)
    begin = perf_counter()
    for _ in range(200_000):
        sha256(node).digest()
    return 200_000 / (perf_counter() - begin)


def _rate(name: str, value: float, floor: float, least: float) -> Row:
    return {
        "name": name,
        "value": value,
        "unit": "per second",
        "floor": floor,
        "ratio": value / floor,
        "target": f"at least {least} times the floor" if least else "none",
        "met": value >= least * floor,
    }


def _absolute(name: str, value: float, floor: float, least: float) -> Row:
    return {
        "name": name,
        "value": value,
        "unit": "entries per second",
        "floor": floor,
        "ratio": value / floor,
        "target": f"at least {least:,.0f} a second" if least else "none",
        "met": value >= least,
    }


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="corridor-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    for row in rows():
        print(json.dumps(row))
