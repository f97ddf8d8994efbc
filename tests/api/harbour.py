"""A served ledger with a sealed trip that waits at the port's gate, and requests of those who speak to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ledger.chain.organisation import OrganisationAdmin
from ledger.domain.hand_over import HAND_OVER, Role, build_terms, hand_over_body
from ledger.domain.key_use import USE_DEVICE
from ledger.domain.statement import FILE_MEDIA_TYPE, SignedStatement, StatementFile
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Author, a_signer, seeded
from tests.integration.stage import Stage, a_stage, an_organisation, another_trip, enrol

TODAY, TOMORROW, YESTERDAY = "2026-09-21T13:33:20Z", "2026-09-22T15:33:20Z", "2026-09-20T13:33:20Z"
TRIP, THEIRS, UNKNOWN = another_trip("honest"), another_trip("not ours"), another_trip("nobody's")
MOST = 100_000
"""Bytes of the largest item of evidence."""


@dataclass
class Harbour:
    """A ledger with a sealed trip that was offered to the port.

    Args:
        stage: The ledger.
        sessions: Headers of those who are signed in.
        camera: A device of the port.
    """

    stage: Stage
    sessions: dict[str, dict[str, str]]
    camera: Author

    def request(self, method: str, path: str, who: str | None = None, **arguments: Any) -> httpx.Request:
        """Return a request, in somebody's session."""
        headers = (self.sessions[who] if who else {}) | arguments.pop("headers", {})
        return self.stage.http.build_request(method, path, headers=headers, **arguments)

    def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        return self.stage.http.send(request)

    def done(self, request: httpx.Request) -> httpx.Response:
        """Send a request that succeeds."""
        answer = self.send(request)
        assert answer.is_success, answer.text
        return answer

    def signed(self, kind: str, body: dict[str, Any], who: str = EXPORTER, **changes: Any) -> SignedStatement:
        """Return a statement about the trip, signed now by an organisation or by `author`."""
        author: Author = changes.pop("author", None) or self.stage.author(who)
        arguments: dict[str, Any] = {"iat": self.stage.clock(), "seen": self.stage.seen()} | changes
        return author.says(kind, arguments.pop("trip", TRIP), body, **arguments)

    def says(self, kind: str, body: dict[str, Any], who: str = EXPORTER, **changes: Any) -> httpx.Request:
        """Return the request that registers a statement."""
        return self.posts(file_of(self.signed(kind, body, who, **changes)))

    def posts(self, content: bytes, media_type: str = FILE_MEDIA_TYPE, **headers: str) -> httpx.Request:
        """Return the request that registers what a body holds."""
        shown = {"Content-Type": media_type} | headers
        return self.request("POST", "/v1/statements", content=content, headers=shown)

    def gives(
        self, giver: str, taker: str, role: Role = Role.GIVER, at: str = TODAY, **changes: Any
    ) -> httpx.Request:
        """Return the request by which one side signs that the trip is handed over."""
        trip = changes.get("trip", TRIP)
        nonce = seeded((giver, taker, at), 16)
        terms = build_terms(giver=giver, taker=taker, subjects=[trip.uri], place="GTPBR", at=at, nonce=nonce)
        signer = giver if role is Role.GIVER else taker
        return self.says(HAND_OVER, hand_over_body(terms, role), signer, **changes)


def file_of(signed: SignedStatement) -> bytes:
    """Return a statement as its file."""
    return StatementFile(signed.raw, signed.disclosures).encode()


@contextmanager
def a_harbour(folder: Path) -> Iterator[Harbour]:
    """Serve it while a block runs."""
    with a_stage(folder, max_evidence_bytes=MOST) as stage:
        enrol(stage.ledger)
        camera = Author(ORIGIN_PORT, a_signer("camera"), stage.ledger.genesis.audience)
        port = an_organisation(ORIGIN_PORT)
        OrganisationAdmin(stage.ledger.client, stage.ledger.contracts, port.signer).add_key(
            camera.signer.key, USE_DEVICE
        )
        stage.ledger.mirror.refresh()
        sessions = {uri: sign_in(stage, uri) for uri in (EXPORTER, ORIGIN_PORT, CUSTOMS)}
        harbour = Harbour(stage, sessions, camera)
        for request in (
            harbour.says("subject-opened", {}),
            harbour.says("subject-opened", {}, trip=THEIRS),
            harbour.says("grant", {"to": [ORIGIN_PORT, CUSTOMS]}),
            harbour.says("seal-applied", {"seals_applied": [{"number": "GT4471902"}]}),
            harbour.says("loading", {"occurred_at": TODAY}, ORIGIN_PORT),
            harbour.gives(EXPORTER, ORIGIN_PORT),
        ):
            harbour.done(request)
        yield harbour
