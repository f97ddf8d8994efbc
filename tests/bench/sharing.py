"""Adding a reader to 10,000 items, client and server together, beside what age alone takes for it.

The client fetches its own secrets, opens and wraps each one, puts on record what it shares, and brings the
wrapped secrets to the server, which is `corridor up` in a process of its own. No stored byte is touched.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx
import pyrage

from ledger.client.service import Service
from ledger.client.sharing import hand_over, received, share
from ledger.domain.cid import cid_of
from ledger.domain.clock import system_clock
from ledger.domain.evidence import EvidenceItem
from ledger.domain.statement import Seen, SignedStatement, StatementFile
from ledger.domain.wrapped import WrappedSecret
from ledger.evidence.sealing import recipients_of, wrap_for
from tests.bench.http import ORIGIN
from tests.builders import EXPORTER, ORIGIN_PORT, a_signer, a_trip, an_author
from tests.integration.up import Up, enrol_from_outside, genesis_of, prepare, register

Row = dict[str, Any]

ITEMS = 10_000
TARGET = 1.0
_IN_A_STATEMENT = 500
_TRIP = a_trip(seed="a trip with many items")


def rows() -> list[Row]:
    """Return the figure."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        prepare(data, "", ORIGIN)
        with (Path(folder) / "log").open("wb") as log, Up(data, ("--port", 0), log) as up:
            enrol_from_outside(data)
            with Service(up.url, a_signer(EXPORTER), EXPORTER) as service:
                value, floor = _measured(service, up.url, data)
            up.stop()
    return [
        {
            "name": f"adding a reader to {ITEMS:,} items, each",
            "value": value,
            "unit": "ms",
            "floor": floor,
            "ratio": value / floor,
            "target": f"below {TARGET:g} ms; the floor opens and wraps with nothing but age",
            "met": value < TARGET,
        }
    ]


def _measured(service: Service, url: str, data: Path) -> tuple[float, float]:
    """Return the milliseconds that an item takes, and those that age alone takes for it."""
    genesis = genesis_of(data)
    author, now = an_author(EXPORTER, genesis=genesis), system_clock()
    seen = Seen(0, genesis.hash)

    def submit(signed: SignedStatement) -> bytes:
        service.submit(StatementFile(signed.raw, signed.disclosures))
        return signed.statement.id

    own = pyrage.x25519.Identity.generate()
    items = [_item(number) for number in range(ITEMS)]
    wrapped = _secrets(items, own)
    with httpx.Client(base_url=url) as http:
        register(http, author.opens(_TRIP, iat=now, seen=seen))
    for first in range(0, ITEMS, _IN_A_STATEMENT):
        part = [item.to_json() for item in items[first : first + _IN_A_STATEMENT]]
        submit(author.says("document", _TRIP, {"evidence": part}, iat=now, seen=seen))
    hand_over(service, EXPORTER, wrapped, None)

    def record(commitments: Sequence[bytes]) -> bytes:
        said = {"to": ORIGIN_PORT, "items": sorted(one.hex() for one in commitments)}
        return submit(author.says("disclosure-record", _TRIP, said, iat=system_clock(), seen=seen))

    reader = pyrage.x25519.Identity.generate().to_public()
    begun = perf_counter()
    mine = [one.secret for one in received(service, subject=_TRIP.uri)]
    share(service, ORIGIN_PORT, [str(reader)], secrets=mine, identities=[own], record=record)
    taken = perf_counter() - begun
    assert len(mine) == ITEMS
    begun = perf_counter()
    for one in wrapped:
        pyrage.encrypt(pyrage.decrypt(one.wrapped, [own]), [reader])
    return taken / ITEMS * 1000, (perf_counter() - begun) / ITEMS * 1000


def _item(number: int) -> EvidenceItem:
    content = number.to_bytes(4, "big")
    return EvidenceItem(
        commitment=sha256(content).digest(),
        cid=cid_of([content]),
        size=len(content),
        media_type="image/png",
        category="scan",
    )


def _secrets(items: Sequence[EvidenceItem], own: pyrage.x25519.Identity) -> list[WrappedSecret]:
    """Return secrets of items, wrapped for their owner."""
    recipients = recipients_of([str(own.to_public())])
    return [
        WrappedSecret(
            item.commitment,
            item.cid,
            wrap_for(str(pyrage.x25519.Identity.generate()).encode(), recipients),
        )
        for item in items
    ]
