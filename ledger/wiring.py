"""The composition root: the only module that knows all parts and puts them together."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Self

from sqlalchemy import Engine

from ledger.access import Access, Caller
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.registrar import Registrar
from ledger.chain.accounts import LocalSigner
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.anchoring import AnchorRunner, AnchorSettings
from ledger.chain.directory import RegistryMirror
from ledger.chain.proofs import StateProver
from ledger.chain.published import DatabaseCheckpoints, signers_between
from ledger.config import Settings
from ledger.corridors.profile import Profile
from ledger.domain.clock import Clock, system_clock
from ledger.domain.cose import Signer
from ledger.dossiers import AnchoredChain, DossierBuilder
from ledger.enrolment import Enrolments
from ledger.evidence.room import FOLDER, EvidenceRoom, Limits, open_room
from ledger.founding import Organisation
from ledger.ground import Given, Ground, open_ground
from ledger.health import Health, Look, Trouble, look_at_folder, look_at_room
from ledger.log.background import Background
from ledger.log.intake import Intake
from ledger.log.policy import RegistrationPolicy
from ledger.log.publisher import Publisher, Quorum
from ledger.log.sequencer import Sequencer
from ledger.log.witness_client import HttpWitnessClient
from ledger.operator_keys import OperatorKeys
from ledger.own_verdict import OwnVerdict
from ledger.participants import Participants
from ledger.progress import ProgressReader
from ledger.reading import Reading
from ledger.readonly import final_block
from ledger.receipts import ReceiptIssuer
from ledger.shipments import Shipments
from ledger.storage.faults import Fault, no_fault
from ledger.telemetry import gauges_of, operator_token

_SWEEP_SECONDS = 600.0


def evidence_room(settings: Settings, engine: Engine, clock: Clock) -> EvidenceRoom:
    """Return the evidence room of a ledger.

    Args:
        settings: Of the ledger.
        engine: Its database.
        clock: Tells the time.
    """
    limits = Limits(
        max_bytes=settings.max_evidence_bytes,
        upload_seconds=settings.upload_seconds,
        unclaimed_seconds=settings.unclaimed_evidence_days * 86_400,
    )
    return open_room(engine, settings.data / FOLDER, clock, limits)


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
        enrolments: Who asks to take part.
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

    def start(self) -> None:
        """Publish and anchor in the background until the ledger is closed."""
        for step, interval, name in (
            (self.publish, self.settings.checkpoint_seconds, "publisher"),
            (self.anchor, self.settings.anchor_seconds, "anchoring"),
            (self.access.sweep, _SWEEP_SECONDS, "sweeping"),
            (self.sweep_evidence, _SWEEP_SECONDS, "sweeping-evidence"),
        ):
            self._stack.enter_context(Background(step, interval, name))

    def may_fetch(self, cid: str, caller: Caller) -> bool:
        """Return whether somebody may fetch sealed evidence; see `EvidenceRecords.may_read`.

        A device fetches what its organisation sent, and nothing of what others say.
        """
        if caller.is_device:
            return self.room.records.may_read(cid, caller.organisation, lambda _tag, _who: False)
        self.catalogue.catch_up()
        return self.room.records.may_read(cid, caller.organisation, self.catalogue.is_member)

    def sweep_evidence(self) -> None:
        """Remove what no statement claims for too long."""
        self.catalogue.catch_up()
        self.room.sweep()

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
        self.access = Access.create(
            engine,
            self.mirror,
            self.genesis.audience,
            self.clock,
            ground.keys.service_secret,
            session_seconds=settings.session_seconds,
        )
        self.health = Health(
            engine,
            self.client,
            self.mirror,
            self.embedded,
            looks=[
                look_at_room(settings.data, settings.min_free_bytes),
                look_at_folder(settings.data / FOLDER),
                Look("what is on record cannot be listed", lambda: self.catalogue.catch_up()),  # noqa: PLW0108
            ],
            monotonic=self._monotonic,
        )
        self.policy = RegistrationPolicy(
            self.mirror, self.profile, self.genesis, self.clock, future_seconds=settings.future_seconds
        )
        self.sequencer = self._stack.enter_context(Sequencer(self.health.watched(self.store)))
        self.intake = self._stack.enter_context(Intake())
        self.catalogue = Catalogue(self.store, self.clock)
        self.room = evidence_room(settings, engine, self.clock)
        self.room.clean()
        self.registrar = Registrar(
            self.policy,
            self.sequencer,
            self.store,
            self.catalogue,
            self.profile,
            self.clock,
            future_seconds=settings.future_seconds,
            is_enrolled=Participants(self.mirror, self.profile.roles).is_enrolled,
        )
        index = {one.vkey for one in settings.witnesses if one.index_cosigner}
        self.publisher = Publisher(
            self.store,
            ground.keys.log_signer,
            self.clock,
            witnesses=witnesses,
            index_cosigners=[one for one in witnesses if one.vkey in index],
            quorum=Quorum(settings.quorum, settings.index_quorum),
            recosign_seconds=settings.recosign_seconds,
        )
        self._stack.callback(self.publisher.close)
        self.anchors = AnchorRunner(
            engine,
            self.client,
            self.contracts,
            origin=self.genesis.origin,
            signer=LocalSigner(ground.keys.account),
            published=DatabaseCheckpoints(engine),
            clock=self.clock,
            settings=AnchorSettings(depth=settings.finality_depth),
            signers_between=signers_between(engine, self.profile.roles_for),
            make_durable=ground.make_durable,
        )
        origin = self.genesis.origin_hash
        prover = StateProver(self.client, self.contracts.registry, self.contracts.anchor, origin)
        anchors = AnchorStore(engine, ground.chain.genesis)
        self.builder = DossierBuilder(
            self.store, self.profile, AnchoredChain(anchors, prover, self.final_block)
        )
        self.enrolments = Enrolments(
            engine, self.mirror.state, self.profile, self.genesis.audience, self.clock
        )
        self.reading = self._reading(anchors, ground.keys.receipt.signer)
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

    def _reading(self, anchors: AnchorStore, receipt_key: Signer) -> Reading:
        return Reading(
            catalogue=self.catalogue,
            progress=ProgressReader(self.store.checkpoints, anchors),
            shipments=Shipments(self.store, self.catalogue, self.profile, self.builder),
            participants=Participants(self.mirror, self.profile.roles),
            own_verdict=OwnVerdict(
                self.store,
                self.client,
                self.contracts,
                witnesses=self.settings.witnesses,
                quorum=self.settings.quorum,
                depth=self.settings.finality_depth,
                final_block=self.final_block,
                clock=self.clock,
            ),
            builder=self.builder,
            receipt_key=receipt_key,
            anchors=anchors,
        )
