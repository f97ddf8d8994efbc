"""How the larger parts of a ledger are made of its settings and the ground that it stands on."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy import Engine

from ledger.access import Access
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.decided import Decided
from ledger.catalogue.registrar import Registrar
from ledger.catalogue.views import Views
from ledger.chain.accounts import LocalSigner
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.anchoring import AnchorRunner, AnchorSettings
from ledger.chain.directory import RegistryMirror
from ledger.chain.published import DatabaseCheckpoints, signers_between
from ledger.client.author import Author
from ledger.config import Settings
from ledger.corridors.profile import Profile
from ledger.domain.clock import Clock
from ledger.domain.errors import UnavailableError
from ledger.domain.evidence import EvidenceItem
from ledger.domain.statement import Seen
from ledger.dossiers import DossierBuilder
from ledger.evidence.room import FOLDER, EvidenceRoom, Limits, open_room
from ledger.ground import Ground
from ledger.health import Health, Look, look_at_folder, look_at_room
from ledger.log.publisher import Publisher, Quorum
from ledger.log.witness_client import HttpWitnessClient
from ledger.notices.events import Event, Teller
from ledger.notices.listed import ListedShipments
from ledger.notices.notices import Limits as NoticeLimits
from ledger.notices.notices import Notices
from ledger.own_verdict import OwnVerdict
from ledger.participants import Participants
from ledger.prearrival.arrivals import Arrivals
from ledger.progress import ProgressReader
from ledger.readers.reading import Reading as ItemReading
from ledger.readers.run import Readers
from ledger.reading import Reading
from ledger.sharing.operator_readings import OperatorReadings
from ledger.shipments import Shipments

if TYPE_CHECKING:
    from ledger.evidence.ipfs_store import IpfsStore

_LOOK_SECONDS = 5.0


def operator_readings(
    ground: Ground, room: EvidenceRoom, registrar: Registrar, clock: Clock, stack: ExitStack
) -> OperatorReadings:
    """Return what reads evidence in the operator's name.

    Args:
        ground: Of the ledger; its keys may hold one for readings.
        room: Its evidence.
        registrar: Files what is found.
        clock: Dates it.
        stack: Ends the readers with the ledger.
    """
    readers = stack.enter_context(Readers())
    key, genesis = ground.keys.reader, ground.genesis

    def read(source: BinaryIO, item: EvidenceItem) -> ItemReading:
        return readers.read(source, media_type=item.media_type, category=item.category)

    def held() -> Seen:
        newest = ground.store.checkpoints.published()
        return Seen(0, genesis.hash) if newest is None else Seen(newest.size, newest.root)

    author = None if key is None else Author(key.signer, key.name, genesis.audience, clock)
    return OperatorReadings(author, read, room.store, room.intake, registrar, held)


def notices_of(
    settings: Settings, ground: Ground, arrivals: Arrivals, access: Access, clock: Clock
) -> Notices:
    """Return what tells people what happens to the shipments that they see.

    Args:
        settings: Of the ledger.
        ground: What it stands on.
        arrivals: What is on its way.
        access: Who asks.
        clock: Tells the time.
    """

    def shown(event: Event, organisation: str) -> Mapping[str, Any] | None:
        return arrivals.shown(event.shipment, organisation, event.view)

    engine = ground.store.engine
    return Notices.create(
        engine,
        clock,
        ground.keys.service_secret,
        Teller(shown, ListedShipments(engine)),
        session=access.sessions.caller,
        catch_up=arrivals.catch_up,
        limits=NoticeLimits(
            private=settings.webhook_private_addresses,
            subscriptions=settings.subscriptions_per_organisation,
            streams=settings.streams_per_organisation,
        ),
    )


def evidence_room(settings: Settings, engine: Engine, clock: Clock) -> EvidenceRoom:
    """Return the evidence room of a ledger.

    Args:
        settings: Of the ledger.
        engine: Its database.
        clock: Tells the time.

    Raises:
        UsageError: Its IPFS node would announce what it has, and that is not wanted.
    """
    ipfs = ipfs_store(settings, settings.ipfs_seconds)
    if ipfs is not None:
        # A node that is not there now may come back; the rest of the ledger does not wait for it.
        with suppress(UnavailableError):
            ipfs.check()
    limits = Limits(
        max_bytes=settings.max_evidence_bytes,
        upload_seconds=settings.upload_seconds,
        unclaimed_seconds=settings.unclaimed_evidence_days * 86_400,
    )
    offered = settings.offered_stores
    return open_room(engine, settings.data / FOLDER, clock, limits, ipfs=ipfs, offered=offered)


def ipfs_store(settings: Settings, seconds: float) -> "IpfsStore | None":
    """Return the store in the ledger's IPFS node, if it has one.

    Args:
        settings: Of the ledger.
        seconds: How long the node may keep silent.
    """
    if settings.ipfs_api is None:
        return None
    from ledger.evidence.ipfs_store import IpfsStore

    return IpfsStore(settings.ipfs_api, announce=settings.ipfs_announce, seconds=seconds)


def health_of(
    settings: Settings, ground: Ground, mirror: RegistryMirror, monotonic: Callable[[], float]
) -> Health:
    """Return what looks at a ledger's parts.

    Args:
        settings: Of the ledger.
        ground: What it stands on.
        mirror: The participants.
        monotonic: Seconds on a clock that only goes forward.
    """
    looks = [look_at_room(settings.data, settings.min_free_bytes), look_at_folder(settings.data / FOLDER)]
    ipfs = ipfs_store(settings, min(settings.ipfs_seconds, _LOOK_SECONDS))
    if ipfs is not None:
        looks.append(Look("evidence cannot be stored in IPFS", ipfs.check))
    return Health(
        ground.store.engine,
        ground.client,
        mirror,
        ground.embedded,
        looks=looks,
        monotonic=monotonic,
    )


def publisher_of(
    settings: Settings, ground: Ground, witnesses: Sequence[HttpWitnessClient], clock: Clock
) -> Publisher:
    """Return what publishes a ledger's checkpoints.

    Args:
        settings: Of the ledger.
        ground: What it stands on.
        witnesses: Who cosign.
        clock: Tells the time.
    """
    index = {one.vkey for one in settings.witnesses if one.index_cosigner}
    return Publisher(
        ground.store,
        ground.keys.log_signer,
        clock,
        witnesses=witnesses,
        index_cosigners=[one for one in witnesses if one.vkey in index],
        quorum=Quorum(settings.quorum, settings.index_quorum),
        recosign_seconds=settings.recosign_seconds,
    )


def anchoring_of(settings: Settings, ground: Ground, profile: Profile, clock: Clock) -> AnchorRunner:
    """Return what anchors a ledger's published checkpoints.

    Args:
        settings: Of the ledger.
        ground: What it stands on.
        profile: Its corridor's rules.
        clock: Tells the time.
    """
    engine = ground.store.engine
    return AnchorRunner(
        engine,
        ground.client,
        ground.contracts,
        origin=ground.genesis.origin,
        signer=LocalSigner(ground.keys.account),
        published=DatabaseCheckpoints(engine),
        clock=clock,
        settings=AnchorSettings(depth=settings.finality_depth),
        signers_between=signers_between(engine, profile.roles_for),
        make_durable=ground.make_durable,
    )


def reading_of(
    settings: Settings,
    ground: Ground,
    catalogue: Catalogue,
    builder: DossierBuilder,
    *,
    views: Views,
    profile: Profile,
    anchors: AnchorStore,
    participants: Participants,
    final_block: Callable[[], int],
    clock: Clock,
) -> Reading:
    """Return what participants read of a ledger.

    Args:
        settings: Of the ledger.
        ground: What it stands on.
        catalogue: What its log says.
        builder: Makes dossiers and receipt files.
        views: Says which disclosures an organisation may see.
        profile: Its corridor's rules.
        anchors: Of the log on the chain in use.
        participants: Organisations, roles and keys.
        final_block: Gives the number of the newest block that is deep enough to be final.
        clock: Tells the time.
    """
    store = ground.store
    return Reading(
        catalogue=catalogue,
        views=views,
        progress=ProgressReader(store.checkpoints, anchors),
        shipments=Shipments(store, catalogue, profile, builder, views),
        decided=Decided(catalogue, participants.roles_of),
        participants=participants,
        own_verdict=OwnVerdict(
            store,
            ground.client,
            ground.contracts,
            witnesses=settings.witnesses,
            quorum=settings.quorum,
            depth=settings.finality_depth,
            final_block=final_block,
            clock=clock,
        ),
        builder=builder,
        receipt_key=ground.keys.receipt.signer,
        anchors=anchors,
    )
