"""The composition root: the only module that knows all parts and puts them together."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Self

from ledger.access import Access, Caller
from ledger.assembly import (
    anchoring_of,
    evidence_room,
    health_of,
    notices_of,
    operator_readings,
    publisher_of,
    reading_of,
)
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.registrar import Registrar
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.directory import RegistryMirror
from ledger.chain.proofs import StateProver
from ledger.config import Settings
from ledger.corridors.profile import Profile
from ledger.domain.clock import Clock, system_clock
from ledger.dossiers import AnchoredChain, DossierBuilder
from ledger.enrolment import Enrolments
from ledger.evidence.tombstones import Tombstones, is_nowhere_member
from ledger.founding import Organisation
from ledger.ground import Given, Ground, open_ground
from ledger.health import Trouble
from ledger.log.background import Background
from ledger.log.intake import Intake
from ledger.log.policy import RegistrationPolicy
from ledger.log.sequencer import Sequencer
from ledger.log.witness_client import HttpWitnessClient
from ledger.notices.loop import LoopThread
from ledger.operator_keys import OperatorKeys
from ledger.participants import Participants
from ledger.prearrival.arrivals import Arrivals
from ledger.readonly import final_block
from ledger.receipts import ReceiptIssuer
from ledger.sharing.dossier_evidence import DossierEvidence
from ledger.sharing.encryption_keys import EncryptionKeys
from ledger.sharing.erasures import Erasures
from ledger.sharing.fingerprints import Fingerprints
from ledger.sharing.grants import Grants
from ledger.sharing.redaction import Redaction
from ledger.sharing.requests import AccessRequests
from ledger.sharing.retention import Retention
from ledger.sharing.secrets import Secrets
from ledger.sharing.shown_claims import ShownClaims
from ledger.storage.engine import is_at_hand
from ledger.storage.faults import Fault, no_fault
from ledger.telemetry import gauges_of, operator_token

_REGISTRY_SECONDS = 0.5
"""Shorter than an answer of the registry is good for."""
_CATALOGUE_SECONDS = 1.0
_ARRIVALS_SECONDS = 0.25
_SWEEP_SECONDS = 600.0
_ERASE_SECONDS = 1.0


class Ledger:
    """One running ledger: log, chain, registration, publishing, anchoring.

    Use it as a context manager. `publish` and `anchor` do one step each; `start` repeats them. On an empty
    folder and database it begins a log.

    Args:
        settings: Of this ledger.
        clock: The one clock of everything in it.
        keys: The operator's keys; those of the data folder if None.
        founders: Who founds the registry of a new log or chain; the two of the settings, whose accounts lie
            in the data folder, if None.
        profile: Rules of a new log's corridor; the foundation's if None.
        block_seconds: See `EmbeddedChain`; None mines only when it is needed.
        fault: Lets a test fail the start at `deployed`, `opened`, `saved` or `created`.
        monotonic: Seconds on a clock that only goes forward; tells how old an answer of the chain is.

    Attributes:
        store: The log.
        genesis: Its genesis document.
        profile: Its corridor's rules.
        client: The chain.
        embedded: The chain that runs in this process, None when it is a node's.
        contracts: Where the contracts are.
        mirror: The participants.
        access: Who asks: sessions, cursors, repeated requests.
        policy: Who may register what.
        sequencer: Appends to the log.
        intake: Threads that check what is submitted over HTTP.
        catalogue: What the log says, by subject and stream.
        registrar: The way by which statements come into the log.
        reading: What participants read of it.
        arrivals: What is on its way, and how it stands.
        notices: Tells people what happens to it.
        enrolments: Who asks to take part.
        redaction: What is shown to whom of what others concealed and sealed.
        shown_claims: Which claims of evidence are shown to whom.
        grants: Who was given what.
        access_requests: Who asked for what.
        secrets: Of evidence, wrapped for those who may read it.
        dossier_evidence: What dossiers hold of evidence.
        encryption_keys: For which keys they are wrapped.
        tombstones: What was erased.
        erasures: Destroys it.
        retention: What is kept too long.
        operator_readings: Look into items that are opened to the operator.
        fingerprints: Find contents that are offered twice.
        publisher: Publishes checkpoints.
        anchors: Anchors them.
        builder: Makes dossiers and receipt files.
        receipts: Issues COSE Receipts.
        health: What keeps it from its work.
        gauges: Its numbers, for monitoring.
        operator_token: Opens them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = system_clock,
        keys: OperatorKeys | None = None,
        founders: Sequence[Organisation] | None = None,
        profile: Profile | None = None,
        block_seconds: float | None = 1.0,
        fault: Fault = no_fault,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._given = Given(keys, founders, profile, block_seconds, fault)
        self._monotonic = monotonic
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            # What can be wrong with the witnesses is found before anything is made.
            clients = [
                HttpWitnessClient(one.url, one.vkey, clock=self.clock) for one in self.settings.witnesses
            ]
            self._wire(open_ground(self.settings, self.clock, self._given, self._stack), clients)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def publish(self) -> None:
        """Fix, sign, cosign and publish one checkpoint.

        Raises:
            UnavailableError: The newest checkpoint lacks cosignatures.
        """
        self.health.publish(self.publisher)

    def anchor(self) -> None:
        """Bring published checkpoints one step nearer to final anchors; raises as `AnchorRunner.step`."""
        with self.health.anchoring.turn():
            self.anchors.step()

    def catch_up(self) -> None:
        """Bring the catalogue up to the log, so that no reader waits for it; see `Catalogue.catch_up`."""
        with self.health.listing.turn():
            self.catalogue.catch_up()

    def start(self) -> None:
        """Do all of its work again and again in the background, until the ledger is closed."""
        for step, interval, name in (
            (self.publish, self.settings.checkpoint_seconds, "publisher"),
            (self.anchor, self.settings.anchor_seconds, "anchoring"),
            (self.mirror.keep_up, _REGISTRY_SECONDS, "registry"),
            (self.catch_up, _CATALOGUE_SECONDS, "catalogue"),
            (self.arrivals.tick, _ARRIVALS_SECONDS, "arrivals"),
            (self.access.sweep, _SWEEP_SECONDS, "sweeping"),
            (self.sweep_evidence, _SWEEP_SECONDS, "sweeping-evidence"),
            (self.erasures.run, _ERASE_SECONDS, "erasing"),
        ):
            self._stack.enter_context(Background(step, interval, name))
        self._stack.enter_context(LoopThread(self.notices.deliver, "webhooks"))

    def may_fetch(self, cid: str, caller: Caller) -> bool:
        """Return whether somebody may fetch sealed evidence: who sent it, and whom a statement shows it.

        A device fetches what its organisation sent, and nothing of what others say.

        Raises:
            NotFoundError: Code `erased`: it was, and whoever asks might have read it.
        """
        self.catalogue.catch_up()
        is_member = is_nowhere_member if caller.is_device else self.catalogue.is_member
        sent = self.room.records.may_read(cid, caller.organisation, is_nowhere_member)
        if not sent and (caller.is_device or not self.shown_claims.shows(cid, caller.organisation)):
            return False
        self.tombstones.check_readable(cid, caller.organisation, is_member)
        return True

    def is_at_hand(self) -> bool:
        """Return whether a short read waits for nobody now, so that it needs no thread that waits for it."""
        return self.mirror.is_at_hand and is_at_hand(self.store.engine)

    def sweep_evidence(self) -> None:
        """Remove what no statement claims for too long."""
        self.room.sweep(self.catalogue.catch_up)

    def final_block(self) -> int:
        """Return the number of the newest block that is deep enough to be final."""
        return final_block(self.client, self.settings.finality_depth)

    def problems(self) -> list[Trouble]:
        """Return what keeps this ledger from doing its work; for `/readyz`."""
        return self.health.problems()

    def _wire(self, ground: Ground, witnesses: Sequence[HttpWitnessClient]) -> None:
        settings, engine = self.settings, ground.store.engine
        self.store, self.genesis, self.client = ground.store, ground.genesis, ground.client
        self.embedded, self.contracts = ground.embedded, ground.contracts
        self.profile = Profile.parse(ground.store.profile)
        self.mirror = RegistryMirror(
            self.client,
            self.contracts.registry,
            self.profile.roles,
            from_block=self.contracts.from_block,
            monotonic=self._monotonic,
        )
        participants = Participants(self.mirror, self.profile.roles)
        self.access = Access.create(
            engine,
            self.mirror,
            self.genesis.audience,
            self.clock,
            ground.keys.service_secret,
            session_seconds=settings.session_seconds,
            challenge_seconds=settings.challenge_seconds,
            providers=[one.provider() for one in settings.oidc],
            roles_of=participants.roles_now,
            monotonic=self._monotonic,
        )
        self.health = health_of(settings, ground, self.mirror, self._monotonic)
        self.policy = RegistrationPolicy(
            self.mirror, self.profile, self.genesis, self.clock, future_seconds=settings.future_seconds
        )
        self.sequencer = self._stack.enter_context(Sequencer(self.health.watched(self.store)))
        self.intake = self._stack.enter_context(Intake())
        self.room = evidence_room(settings, engine, self.clock)
        self.room.clean()
        self.redaction = Redaction(engine, self.profile, participants.roles_of, self.clock)
        self.catalogue = Catalogue(self.store, self.clock, self.redaction.view)
        self.registrar = Registrar(
            self.policy,
            self.sequencer,
            self.store,
            self.catalogue,
            self.profile,
            self.clock,
            future_seconds=settings.future_seconds,
            is_enrolled=participants.is_enrolled,
        )
        self.publisher = publisher_of(settings, ground, witnesses, self.clock)
        self._stack.callback(self.publisher.close)
        self.anchors = anchoring_of(settings, ground, self.profile, self.clock)
        origin = self.genesis.origin_hash
        prover = StateProver(self.client, self.contracts.registry, self.contracts.anchor, origin)
        anchors = AnchorStore(engine, ground.chain.genesis)
        self.builder = DossierBuilder(
            self.store, self.profile, AnchoredChain(anchors, prover, self.final_block)
        )
        self.enrolments = Enrolments(
            engine, self.mirror.state, self.profile, self.genesis.audience, self.clock
        )
        self.reading = reading_of(
            settings,
            ground,
            self.catalogue,
            self.builder,
            views=self.redaction.view,
            profile=self.profile,
            anchors=anchors,
            participants=participants,
            final_block=self.final_block,
            clock=self.clock,
        )
        self.arrivals = Arrivals(
            self.store,
            self.catalogue,
            views=self.redaction.view,
            profile=self.profile,
            roles_of=participants.roles_of,
            roles_ever=participants.roles_ever,
            decided=self.reading.decided,
            clock=self.clock,
        )
        self.notices = notices_of(settings, ground, self.arrivals, self.access, self.clock)
        self._stack.callback(self.notices.close)
        self.secrets = Secrets(
            engine,
            self.catalogue,
            self.clock,
            statement=self.store.statement,
            is_enrolled=participants.is_enrolled,
            view=self.redaction.view,
        )
        self.dossier_evidence = DossierEvidence(self.secrets, self.room.store)
        self.encryption_keys = EncryptionKeys(engine, self.catalogue)
        self.tombstones = Tombstones(engine)
        self.erasures = Erasures(engine, self.room.store, self.catalogue, self.clock)
        self.retention = Retention(engine, self.catalogue, self.clock, self.profile.categories)
        self.fingerprints = Fingerprints(engine, self.catalogue, self.clock, ground.keys.service_secret)
        self.shown_claims = ShownClaims(engine, self.redaction.view, self.clock)
        self.grants = Grants(engine, self.catalogue, self.redaction.view, self.clock)
        self.access_requests = AccessRequests(engine, self.catalogue, self.redaction.view)
        self.operator_readings = operator_readings(ground, self.room, self.registrar, self.clock, self._stack)
        self.receipts = ReceiptIssuer(self.store, ground.keys.receipt.signer)
        self.operator_token = operator_token(settings.data)
        self.gauges = gauges_of(
            self.store,
            anchors,
            self.health,
            witnesses=len(witnesses),
            folder=settings.data,
            clock=self.clock,
        )
