"""How long a dossier takes to verify, beside the signature checks and hashes that it cannot do without."""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from eth_hash.auto import keccak

from ledger.domain.cose import CoseKey
from ledger.domain.entry import statement_entry
from ledger.domain.note import VerifierKey
from ledger.domain.verdict import Outcome
from ledger.verification.trust import Trust
from ledger.verification.verifier import verify
from tests.builders import EXPORTER, ORIGIN_PORT, Trip, a_trip, seeded
from tests.verification.factory import World, packed

STATEMENTS = 200
OTHERS = 10_000
# A trip takes days and a log checkpoints every few minutes: few statements of one trip share a checkpoint.
CHECKPOINTS = 40
REPEATS = 40
_ECDSA = ECDSA(SHA256())
_Work = list[Callable[[], object]]


def rows() -> list[dict[str, object]]:
    """Return the figures."""
    world, trip = a_corridor()
    data, trust = packed(world.dossier(trip)), world.trust()
    work = needed_work(data, trust, world)

    def verified() -> None:
        assert verify(data, trust, clock=world.clock).outcome is Outcome.ACCEPTED

    def floor() -> None:
        for do in work:
            do()

    # The corridor in this process's memory is no part of verifying: the garbage collector shall not walk it.
    gc.collect()
    gc.freeze()
    # In turns, so that what else the machine does falls on both.
    values, floors = zip(*[(_seconds(verified), _seconds(floor)) for _ in range(REPEATS)], strict=True)
    value, bare = min(values) * 1000, min(floors) * 1000
    return [
        {
            "name": f"dossier of {STATEMENTS} statements verified offline",
            "value": value,
            "unit": "ms",
            "floor": bare,
            "ratio": value / bare,
            "target": "at most 2 times its signature checks and hashes",
            "met": value <= 2 * bare,
        }
    ]


def a_corridor() -> tuple[World, Trip]:
    """Return a log of 10,000 entries in which one trip has 200 statements, under 40 anchored checkpoints."""
    world, trip = World(), a_trip()
    world.opens(trip)
    said = 1
    for number in range(CHECKPOINTS):
        for other in range(OTHERS // CHECKPOINTS):
            tag = seeded(("tag", number, other), 32)
            world.append(statement_entry(seeded(("envelope", number, other), 32), [tag]))
        while said < STATEMENTS * (number + 1) // CHECKPOINTS:
            kind, by = (("gate-passage", ORIGIN_PORT), ("scan", ORIGIN_PORT), ("seal-check", EXPORTER))[
                said % 3
            ]
            body = {"occurred_at": "2026-09-21T13:33:20Z", "lane": said % 8, "remark": "as expected " * 10}
            world.says(kind, trip, body, by=by, conceal=[("remark",)])
            said += 1
        world.checkpoint()
        world.now += 600
    return world, trip


def needed_work(data: bytes, trust: Trust, world: World) -> _Work:
    """Return each signature check and each hash that one verification makes, ready to be made again."""
    work: _Work = []
    with _recorded(work):
        verify(data, trust, clock=world.clock)
    return work


@contextmanager
def _recorded(work: _Work) -> Iterator[None]:
    replaced: list[tuple[Any, str, Any]] = []

    def replace(owner: Any, name: str, value: Any) -> None:
        replaced.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    for module in [module for name, module in sys.modules.items() if name.startswith("ledger.")]:
        for name, value in list(vars(module).items()):
            if value is sha256:
                replace(module, name, lambda data=b"": _Recorder(work, data))
            elif value is keccak:
                replace(module, name, lambda data: _hash(work, keccak, data))
    check_key, check_note = CoseKey.verify, VerifierKey.verify
    replace(CoseKey, "verify", lambda key, data, signature: _cose(work, check_key, key, data, signature))
    replace(VerifierKey, "verify", lambda key, data, signature: _note(work, check_note, key, data, signature))
    try:
        yield
    finally:
        for owner, name, value in reversed(replaced):
            setattr(owner, name, value)


class _Recorder:
    """Stands in for a SHA-256 object and notes what went into it."""

    def __init__(self, work: _Work, data: bytes) -> None:
        self._work = work
        self._data = bytearray(data)

    def update(self, data: bytes) -> None:
        self._data += data

    def digest(self) -> bytes:
        return _hash(self._work, lambda data: sha256(data).digest(), bytes(self._data))

    def hexdigest(self) -> str:
        return self.digest().hex()


def _hash(work: _Work, function: Callable[[bytes], bytes], data: bytes) -> bytes:
    work.append(lambda: function(data))
    return function(data)


def _cose(work: _Work, check: Callable[..., None], key: CoseKey, data: bytes, signature: bytes) -> None:
    public = key.public_key
    if isinstance(public, EllipticCurvePublicKey):
        der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        work.append(lambda: public.verify(der, data, _ECDSA))
    else:
        work.append(lambda: public.verify(signature, data))
    check(key, data, signature)


def _note(work: _Work, check: Callable[..., None], key: VerifierKey, data: bytes, signature: bytes) -> None:
    public = Ed25519PublicKey.from_public_bytes(key.public)
    work.append(lambda: public.verify(signature, data))
    check(key, data, signature)


def _seconds(run: Callable[[], None]) -> float:
    # This process's own time: what else the machine does is not the verifier's.
    start = time.process_time()
    run()
    return time.process_time() - start
