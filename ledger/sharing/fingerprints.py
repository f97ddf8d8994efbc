"""The re-use alarm: the same scan, spectrum or clip offered for two container trips.

Digests are kept under a key of the operator, perceptual hashes encrypted, so that the tables alone tell
nothing of any content; which rows are alike they do tell. Whoever is told of a match learns of the other trip
only if it may see it: else that there is one, and the alarm's id, by which an authority can ask about both.
"""

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine, and_, func, or_, select

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.visibility import tags_of
from ledger.domain.clock import Clock
from ledger.domain.errors import PolicyError
from ledger.domain.fingerprint import ALIKE, Offer, bands, distance, probes
from ledger.evidence.tombstones import check_open
from ledger.storage.catalogue_tables import catalogue_about, catalogue_streams
from ledger.storage.engine import hold, read_transaction, write_transaction
from ledger.storage.erasure_tables import alarms, fingerprint_bands, fingerprints
from ledger.storage.rows import insert_new, insert_rows
from ledger.storage.secret_tables import evidence_commitments

_NONCE = 12
_ALARM_ID = 16
_BAND = 16
MOST_OFFERED: Final = 200
"""Contents that an organisation offers of one item for one trip: a claim is good for so many guesses, and
for no search. A reader finds 100 at most."""
Place = tuple[int, str]
"""Where a list goes on: after what was raised at this time, with this id."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A content that was offered for two trips, as one organisation may know of it.

    Args:
        id: 16 bytes; the same for everybody who is told.
        kind: Of the content.
        distance: Bits in which the perceptual hashes differ; None when the content is the same.
        raised_at: POSIX seconds.
        subject: URI of the trip that the organisation may see.
        cid: Of the item in that trip.
        other: URI of the other trip, None when the organisation may not see it.
    """

    id: bytes
    kind: str
    distance: int | None
    raised_at: int
    subject: str
    cid: str
    other: str | None

    @property
    def place(self) -> Place:
        """Where a list goes on behind it."""
        return self.raised_at, self.id.hex()


@dataclass(frozen=True, slots=True)
class _Found:
    cid: str
    subject: str
    distance: int | None


class Fingerprints:
    """The fingerprints of one ledger.

    Args:
        engine: Its database.
        catalogue: Knows subjects, items and members.
        clock: Tells the time.
        secret: 32 bytes that every process of the operator has.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue, clock: Clock, secret: bytes) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._clock = clock
        self._key = _derived(secret, b"corridor/fingerprints/v1")
        self._seal = AESGCM(_derived(secret, b"corridor/fingerprints/seal/v1"))

    def offer(self, organisation: str, offer: Offer) -> list[Alarm]:
        """Keep a fingerprint of an organisation's item, and return the alarms that it raises; again the same.

        Of one content the perceptual hash that came first counts, whatever comes later.

        Args:
            organisation: URI of who offers.
            offer: What for which trip.

        Raises:
            NotFoundError: The organisation may not see such a trip, or the item was erased (`erased`).
            PolicyError: No statement of the organisation about the trip claims the item (`not-yours`): who
                tries fingerprints out does so on record, and only so often (`too-many-fingerprints`).
        """
        self._catalogue.subject(offer.subject, organisation)
        now, digest = self._clock(), self._keyed(b"exact", offer.kind, offer.exact)
        with write_transaction(self._engine) as connection:
            # Of two alike that are offered at once, the second one must see the first.
            hold(connection, fingerprints)
            check_open(connection, offer.cid, organisation)
            _check_claimed(connection, organisation, offer)
            offer = self._kept(connection, organisation, offer, digest, now)
            found = [one for one in self._matches(connection, offer, digest) if one.subject != offer.subject]
            for one in found:
                insert_new(connection, alarms, self._row(offer, one, now))
            ids = {self._alarm_id(offer, one) for one in found}
            seen = _seen(connection, organisation, now)
            rows = connection.execute(select(alarms).where(alarms.c.id.in_(ids))).all()
        return [_shown(row, seen | {offer.subject}, first=offer.subject) for row in rows]

    def raised(self, organisation: str, *, after: Place | None = None, limit: int) -> list[Alarm]:
        """Return the alarms about trips that an organisation may see, oldest first.

        Args:
            organisation: URI of who asks.
            after: Where the list goes on.
            limit: How many at most.
        """
        self._catalogue.catch_up()
        column, streams = alarms.c, catalogue_streams.c
        mine = select(streams.subject).where(streams.tag.in_(tags_of(organisation, self._clock())))
        query = select(alarms).where(or_(column.first_subject.in_(mine), column.second_subject.in_(mine)))
        if after is not None:
            behind = and_(column.raised_at == after[0], column.id > bytes.fromhex(after[1]))
            query = query.where(or_(column.raised_at > after[0], behind))
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(column.raised_at, column.id).limit(limit)).all()
            seen = _seen(connection, organisation, self._clock())
        return [_shown(row, seen) for row in rows]

    def _matches(self, connection: Connection, offer: Offer, digest: bytes) -> Iterator[_Found]:
        kept, band = fingerprints.c, fingerprint_bands.c
        same = select(kept.cid, kept.subject).where(kept.digest == digest, kept.kind == offer.kind)
        equal = {(row.cid, row.subject) for row in connection.execute(same)}
        for cid, subject in sorted(equal):
            yield _Found(cid, subject, None)
        if offer.perceptual is None:
            return
        looked_up = [self._band(offer.kind, part) for part in probes(offer.perceptual)]
        near = select(band.fingerprint).where(band.band.in_(looked_up)).distinct()
        query = select(kept.cid, kept.subject, kept.sealed).where(kept.id.in_(near), kept.kind == offer.kind)
        for row in connection.execute(query.order_by(kept.id)):
            bits = distance(offer.perceptual, self._opened(offer.kind, row.sealed))
            if bits <= ALIKE and (row.cid, row.subject) not in equal:
                yield _Found(row.cid, row.subject, bits)

    def _kept(
        self, connection: Connection, organisation: str, offer: Offer, digest: bytes, now: int
    ) -> Offer:
        """Keep an offer if its content is new for the item and the trip, and return it as it is kept."""
        place = repr((offer.cid, offer.subject)).encode()
        identifier = self._keyed(b"id", offer.kind, digest + place)[:_ALARM_ID]
        known = select(fingerprints.c.sealed).where(fingerprints.c.id == identifier)
        before = connection.execute(known).first()
        if before is not None:
            hashed = None if before.sealed is None else self._opened(offer.kind, before.sealed)
            return replace(offer, perceptual=hashed)
        _check_few(connection, organisation, offer)
        row = {
            "id": identifier,
            "digest": digest,
            "sealed": None if offer.perceptual is None else self._sealed(offer.kind, offer.perceptual),
            "kind": offer.kind,
            "cid": offer.cid,
            "subject": offer.subject,
            "organisation": organisation,
            "at": now,
        }
        if insert_new(connection, fingerprints, row) and offer.perceptual is not None:
            rows = [(self._band(offer.kind, part), identifier) for part in bands(offer.perceptual)]
            insert_rows(connection, fingerprint_bands, rows)
        return offer

    def _row(self, offer: Offer, found: _Found, now: int) -> dict[str, object]:
        return {
            "id": self._alarm_id(offer, found),
            "kind": offer.kind,
            "distance": found.distance,
            "raised_at": now,
            "first_subject": found.subject,
            "first_cid": found.cid,
            "second_subject": offer.subject,
            "second_cid": offer.cid,
        }

    def _alarm_id(self, offer: Offer, found: _Found) -> bytes:
        pair = sorted([(offer.subject, offer.cid), (found.subject, found.cid)])
        return self._keyed(b"alarm", offer.kind, repr(pair).encode())[:_ALARM_ID]

    def _band(self, kind: str, part: bytes) -> bytes:
        return self._keyed(b"band", kind, part)[:_BAND]

    def _keyed(self, what: bytes, kind: str, value: bytes) -> bytes:
        return hmac.digest(self._key, what + b"\0" + kind.encode() + b"\0" + value, sha256)

    def _sealed(self, kind: str, perceptual: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._seal.encrypt(nonce, perceptual, kind.encode())

    def _opened(self, kind: str, sealed: bytes) -> bytes:
        return self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], kind.encode())


def _derived(secret: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=info).derive(secret)


def _check_claimed(connection: Connection, organisation: str, offer: Offer) -> None:
    claims, about = evidence_commitments.c, catalogue_about.c
    query = select(claims.idx).join(catalogue_about, about.idx == claims.idx)
    its = (claims.cid == offer.cid, claims.iss == organisation, about.subject == offer.subject)
    if connection.execute(query.where(*its)).first() is None:
        raise PolicyError(
            "not-yours",
            f"no statement of {organisation} about {offer.subject} claims {offer.cid}: put the claim on "
            "record first",
            field="cid",
        )


def _check_few(connection: Connection, organisation: str, offer: Offer) -> None:
    kept = fingerprints.c
    its = (kept.cid == offer.cid, kept.subject == offer.subject, kept.organisation == organisation)
    if (
        connection.execute(select(func.count()).select_from(fingerprints).where(*its)).scalar_one()
        >= MOST_OFFERED
    ):
        raise PolicyError(
            "too-many-fingerprints",
            f"{organisation} has offered {MOST_OFFERED} contents of {offer.cid} for this trip already",
            field="exact",
        )


def _seen(connection: Connection, organisation: str, now: int) -> frozenset[str]:
    streams = catalogue_streams.c
    query = select(streams.subject).where(streams.tag.in_(tags_of(organisation, now))).distinct()
    return frozenset(connection.execute(query).scalars())


def _shown(row: Any, seen: frozenset[str] | set[str], first: str | None = None) -> Alarm:
    """Return an alarm as whoever sees some of the trips may know it, seen from one trip if one is named."""
    ends = [(row.second_subject, row.second_cid), (row.first_subject, row.first_cid)]
    ends.sort(key=lambda end: (end[0] not in seen, end[0] != first if first else False))
    (subject, cid), (other, _) = ends
    return Alarm(
        id=row.id,
        kind=row.kind,
        distance=row.distance,
        raised_at=row.raised_at,
        subject=subject,
        cid=cid,
        other=other if other in seen else None,
    )
