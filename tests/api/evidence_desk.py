"""A service with nothing but the evidence routes, on a real socket, and callers who name themselves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Header
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.deps import Caller, known_query
from api.routes import evidence, uploads
from api.streaming import Streams
from ledger.domain.errors import AccessError
from ledger.evidence.room import EvidenceRoom, Limits, open_room
from ledger.evidence.store import EvidenceStore
from ledger.evidence.stores import LOCAL
from ledger.log.http_server import listen, serving, url_of
from ledger.storage.engine import open_database
from ledger.storage.faults import Fault, no_fault
from ledger.storage.migrate import migrate
from tests.builders import EXPORTER, NOON
from tests.databases import database_url

DAY = 86_400
LIMITS = Limits(max_bytes=4_000_000, upload_seconds=DAY, unclaimed_seconds=30 * DAY)


@dataclass
class Clock:
    """A clock that is set."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


@dataclass
class Desk:
    """The service and what is behind it."""

    url: str
    folder: Path
    room: EvidenceRoom
    engine: Engine
    clock: Clock
    members: set[tuple[str, str]] = field(default_factory=set)
    busy: int = 0
    """How many requests are being answered."""

    def http(self, organisation: str = EXPORTER) -> httpx.Client:
        """Return a client that calls in an organisation's name."""
        return httpx.Client(base_url=self.url, headers={"As": organisation}, timeout=30)

    def files(self) -> list[str]:
        """Return the names of all files of evidence but the hashes of leaves."""
        return sorted(
            path.name for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".leaves"
        )


def signed(as_: Annotated[str | None, Header(alias="As")] = None) -> Caller:
    """Believe a caller."""
    if as_ is None:
        raise AccessError("session-missing", "say who you are")
    return Caller(as_, bytes(32), frozenset(), NOON, is_device=False)


class Counting:
    """Counts the requests that are being answered: one whose client has gone may go on for a while."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        self._desk.busy += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._desk.busy -= 1


@contextmanager
def a_room(
    folder: Path,
    clock: Clock,
    fault: Fault = no_fault,
    *,
    ipfs: EvidenceStore | None = None,
    offered: Sequence[str] = (LOCAL,),
) -> Iterator[tuple[EvidenceRoom, Engine]]:
    """Open an evidence room with a database of its own."""
    folder.mkdir(exist_ok=True)
    engine = open_database(database_url(folder), create=True)
    try:
        migrate(engine)
        room = open_room(engine, folder / "evidence", clock, LIMITS, ipfs=ipfs, offered=offered, fault=fault)
        yield room, engine
    finally:
        engine.dispose()


@contextmanager
def a_desk(
    folder: Path,
    *,
    fault: Fault = no_fault,
    grace_seconds: float = 60,
    ipfs: EvidenceStore | None = None,
    offered: Sequence[str] = (LOCAL,),
) -> Iterator[Desk]:
    """Serve the evidence routes while a block runs."""
    clock = Clock()
    opened = a_room(folder, clock, fault, ipfs=ipfs, offered=offered)
    with opened as (room, engine), listen(0) as listener:
        desk = Desk(url_of(listener), folder / "evidence", room, engine, clock)

        def may_read(cid: str, caller: Caller) -> bool:
            return room.records.may_read(
                cid, caller.organisation, lambda tag, who: (tag.hex(), who) in desk.members
            )

        app = FastAPI()
        app.add_middleware(Counting, desk=desk)
        errors.install(app)
        streams = Streams(grace_seconds=grace_seconds)
        for routes in (
            evidence.router(room.store, room.intake, may_read, signed, streams),
            uploads.router(room.uploads, signed, streams),
        ):
            app.include_router(routes, dependencies=[Depends(known_query)])
        with serving(app, listener):
            yield desk
