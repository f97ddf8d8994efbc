"""A whole ledger on real parts, with organisations that take part in it, for tests that play on it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from sqlalchemy import select

from api.app import create_app
from ledger.chain.contracts import ANCHOR, Interface
from ledger.chain.view import RpcChainView
from ledger.config import Settings, WitnessSetting
from ledger.demo.trust import trust_of
from ledger.demo.witnesses import WitnessParty
from ledger.domain.clock import Clock
from ledger.domain.cose import Alg
from ledger.domain.genesis import Genesis
from ledger.domain.hand_over import Role, build_terms, hand_over_body
from ledger.domain.statement import FILE_MEDIA_TYPE, Seen, SignedStatement, StatementFile
from ledger.dossiers import Request, everything
from ledger.founding import Governance, Organisation
from ledger.keys.files import KeyFile, KeyKind
from ledger.log.http_server import listen, serving, url_of
from ledger.operator_keys import OperatorKeys
from ledger.storage.engine import read_transaction
from ledger.storage.tables import checkpoints
from ledger.verification.dossier import Dossier, build_container
from ledger.verification.trust import Trust
from ledger.wiring import Ledger
from tests.builders import (
    CUSTOMS,
    EXPORTER,
    NOON,
    ORIGIN_PORT,
    Author,
    Trip,
    a_p256_key,
    a_signer,
    a_trip,
    an_author,
    an_ed25519_key,
    seeded,
)
from tests.chain.chains import Hands
from tests.databases import database_url, is_postgresql

ORIGIN = "log.corridor.example/integration"
ORIGIN_CUSTOMS = "https://origin-customs.example"
ROLES = {EXPORTER: "exporter", ORIGIN_PORT: "origin-port", CUSTOMS: "destination-customs"}
NOT_PASSED_OFFLINE = {"freshness", "passages"}
"""Without a node nobody says which anchor is the newest, and what is told here passes no gate."""


def an_organisation(uri: str) -> Organisation:
    """Return an organisation with an admin account of its own, always the same."""
    return Organisation(uri, Account.from_key(seeded(("admin", uri), 32)))


WITNESSES = (
    WitnessParty.create("port", "witness.port.example"),
    WitnessParty.create("customs", "witness.customs.example", index_cosigner=True),
)
FOUNDERS = [an_organisation(uri) for uri in (CUSTOMS, ORIGIN_CUSTOMS)]


@cache
def operator_keys(origin: str = ORIGIN) -> OperatorKeys:
    """Return the operator's keys, always the same and in no file."""
    return OperatorKeys(
        KeyFile(KeyKind.LOG, origin, an_ed25519_key((origin, "log"))),
        KeyFile(KeyKind.RECEIPT, origin, a_p256_key((origin, "receipt"))),
        Account.from_key(seeded((origin, "operator"), 32)),
    )


class Ticks:
    """A clock that only goes forward, and further when it is told to."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


def a_ledger(folder: Path, clock: Hands, **changes: Any) -> Ledger:
    """Return a ledger in a folder that mines when it is told to; arguments are settings, or of `Ledger`.

    `profile` is of `Ledger`, `profile_setting` the setting of that name.
    """
    arguments: dict[str, Any] = {"keys": operator_keys(), "founders": FOUNDERS, "block_seconds": None}
    arguments |= {
        name: changes.pop(name) for name in (*arguments, "fault", "profile", "monotonic") if name in changes
    }
    if "profile_setting" in changes:
        changes["profile"] = changes.pop("profile_setting")
    settings: dict[str, Any] = {"origin": ORIGIN, "port": 0, "finality_depth": 1} | changes
    if is_postgresql():
        settings.setdefault("database", database_url(folder))
    return Ledger(Settings(data=folder, **settings), clock=clock, **arguments)


def enrol(ledger: Ledger, *uris: str, alg: Alg = Alg.ES256) -> None:
    """Enrol organisations of the tests with their roles and keys; all of them if none is named."""
    governance = Governance(ledger.client, ledger.contracts, FOUNDERS)
    founding = [one.uri for one in FOUNDERS]
    assert ledger.embedded is not None
    for uri in uris or ROLES:
        organisation = an_organisation(uri)
        ledger.embedded.fund(organisation.signer.address)
        if uri in founding:
            governance.begin(organisation, [ROLES[uri]])
        else:
            governance.admit(organisation, [ROLES[uri]])
        governance.add_key(organisation, a_signer(uri, alg).key)
    # What was read of the registry just before would count for a second.
    ledger.mirror.refresh()


@dataclass
class Stage:
    """A ledger that is served over HTTP, and who speaks to it.

    Args:
        ledger: The ledger.
        url: Where it is served.
        clock: The clock of everything.
        http: Asks it.
        ticks: By which it knows how long ago it looked at the chain.
        witnesses: Who cosigns.
    """

    ledger: Ledger
    url: str
    clock: Hands
    http: httpx.Client
    ticks: Ticks
    witnesses: Sequence[WitnessParty] = ()
    authors: dict[str, Author] = field(default_factory=dict)

    def author(self, uri: str) -> Author:
        """Return an organisation that signs for this log."""
        return self.authors.setdefault(uri, an_author(uri, genesis=self.ledger.genesis))

    def seen(self) -> Seen:
        """Return the newest checkpoint that the log shows."""
        published = self.ledger.store.checkpoints.published()
        genesis = self.ledger.genesis.hash
        return Seen(0, genesis) if published is None else Seen(published.size, published.root)

    def says(self, uri: str, kind: str, trip: Trip, body: dict[str, Any] | None = None) -> SignedStatement:
        """Return a statement signed now."""
        said = {} if kind == "subject-opened" else body
        return self.author(uri).says(kind, trip, said, iat=self.clock(), seen=self.seen())

    def post(self, signed: SignedStatement) -> httpx.Response:
        """Submit a statement as a client does."""
        file = StatementFile(signed.raw, signed.disclosures)
        return self.http.post(
            "/v1/statements", content=file.encode(), headers={"Content-Type": FILE_MEDIA_TYPE}
        )

    def grant(self, trip: Trip, *uris: str) -> None:
        """Let organisations into the custody stream of the exporter's trip."""
        answer = self.post(self.says(EXPORTER, "grant", trip, {"to": list(uris)}))
        assert answer.status_code == 201, answer.text

    def problems(self) -> str:
        """Return what `/readyz` says now, nothing when the ledger is ready."""
        # One look at the ledger serves all who ask within a second.
        self.ticks.ahead += 2
        headers = {"Authorization": f"Bearer {self.ledger.operator_token}"}
        answer = self.http.get("/readyz", headers=headers)
        if answer.status_code == 200:
            return ""
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert answer.headers["Retry-After"]
        return str(answer.json()["detail"])

    def tell(self, trip: Trip) -> list[bytes]:
        """Put a short trip on record: opened, sealed, handed over by both sides. Return the ids."""
        terms = build_terms(
            giver=EXPORTER,
            taker=ORIGIN_PORT,
            subjects=[trip.uri],
            place="GTPBR",
            at="2026-09-21T13:33:20Z",
            nonce=bytes(16),
        )
        told = [
            self.says(EXPORTER, "subject-opened", trip),
            self.says(EXPORTER, "seal-applied", trip, {"seal": "GT4471902"}),
            self.says(EXPORTER, "hand-over", trip, hand_over_body(terms, Role.GIVER)),
            self.says(ORIGIN_PORT, "hand-over", trip, hand_over_body(terms, Role.TAKER)),
        ]
        for signed in told:
            answer = self.post(signed)
            assert answer.status_code == 201, answer.text
        return [signed.statement.id for signed in told]

    def publish(self) -> int:
        """Publish a checkpoint a moment later, and return its size."""
        self.clock.now += 10
        self.ledger.publish()
        newest = self.ledger.store.checkpoints.published()
        assert newest is not None
        return newest.size

    def anchor(self) -> int:
        """Publish a checkpoint and bring it to a final anchor; return its size."""
        size = self.publish()
        assert self.ledger.embedded is not None
        self.ledger.anchors.until_final(size, self.ledger.embedded.mine)
        return size

    def dossier(self, trip: Trip) -> Dossier:
        """Return the dossier of a trip."""
        request = Request(trip.uri, ((trip.uri, "custody", trip.custody_tag),), CUSTOMS, everything)
        return self.ledger.builder.dossier(request)

    def trust(self, block: int | None = None, **changes: Any) -> Trust:
        """Return what a verifier with a node of its own trusts, the newest final block pinned."""
        keys = [one.key.verifier_key for one in self.witnesses]
        indexing = [one.key.verifier_key for one in self.witnesses if one.index_cosigner]
        chain = self.ledger.client.identity()
        # The chain as its node shows it, which for a log that moved is not the one that it was founded on.
        contracts = self.ledger.contracts
        there = replace(
            self.ledger.genesis,
            chain_genesis=chain.genesis,
            registry=contracts.registry,
            anchor=contracts.anchor,
        )
        trust = trust_of(
            there,
            self.ledger.client,
            block=self.ledger.final_block() if block is None else block,
            witnesses=keys,
            index_cosigners=indexing,
            name="a verifier of the tests",
            profile=self.ledger.profile,
        )
        # What is told here passes no gate.
        required = tuple(name for name in trust.required if name != "passages")
        return trust.model_copy(update={"required": required} | changes)

    def view(self) -> RpcChainView:
        """Return the chain as a verifier's own node shows it."""
        contracts, depth = self.ledger.contracts, self.ledger.settings.finality_depth
        return RpcChainView.connect(
            self.ledger.client, registry=contracts.registry, anchor=contracts.anchor, depth=depth
        )


@contextmanager
def witnesses_of(
    folder: Path, parties: Sequence[WitnessParty], genesis: Genesis, log_url: str, clock: Clock
) -> Iterator[list[WitnessSetting]]:
    """Run witnesses over HTTP while a block runs, and give what a ledger's settings say of them."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(one.running(folder / one.key.name, genesis, log_url, clock))
            for one in parties
        ]


@contextmanager
def a_stage(
    folder: Path, *, clock: Hands | None = None, witnesses: Sequence[WitnessParty] = (), **changes: Any
) -> Iterator[Stage]:
    """Found a ledger unless it is there, restart it with its witnesses, and serve it while a block runs."""
    clock, ticks = clock or Hands(NOON), Ticks()
    with a_ledger(folder / "ledger", clock, **changes) as founded:
        genesis = founded.genesis
    with ExitStack() as stack:
        listener = stack.enter_context(listen(0))
        configured = stack.enter_context(
            witnesses_of(folder, witnesses, genesis, f"{url_of(listener)}/log", clock)
        )
        quorum = {"quorum": len(configured), "index_quorum": sum(one.index_cosigner for one in configured)}
        settings = {"witnesses": tuple(configured), "monotonic": ticks, **quorum} | changes
        ledger = stack.enter_context(a_ledger(folder / "ledger", clock, **settings))
        app = create_app(ledger)
        url = stack.enter_context(
            serving(app, listener, stopping=app.state.stopping, refused=app.state.refused)
        )
        http = stack.enter_context(httpx.Client(base_url=url))
        yield Stage(ledger, url, clock, http, ticks, witnesses)


def packed(dossier: Dossier) -> bytes:
    """Return a dossier or receipt file as its bytes."""
    file = BytesIO()
    build_container(dossier, file)
    return file.getvalue()


def check_chain(ledger: Ledger) -> set[int]:
    """Check that every anchor on the chain is of a published checkpoint and no size is there twice.

    Returns:
        The sizes that are anchored.
    """
    interface = Interface.load(ANCHOR)
    logs = ledger.client.logs(
        ledger.contracts.anchor,
        [interface.topic("Anchored"), ledger.genesis.origin_hash],
        0,
        ledger.client.head().number,
    )
    events = [event for event in map(interface.event, logs) if event is not None]
    anchored = {event.args["size"]: event.args["logRoot"] for event in events}
    assert len(anchored) == len(events) == len(logs), "a size was anchored twice"
    with read_transaction(ledger.store.engine) as connection:
        rows = connection.execute(select(checkpoints.c.size, checkpoints.c.root, checkpoints.c.state)).all()
    published = {row.size: row.root for row in rows if row.state == "published"}
    assert {size: published.get(size) for size in anchored} == anchored, "the chain has a root of its own"
    return set(anchored)


def another_trip(number: object) -> Trip:
    """Return a trip of its own for a number or a name."""
    return a_trip(seed=("integration", number))
