"""Shipments as one organisation may see them: custody, links, and the dossier of what it is a member of."""

from collections.abc import Iterable
from typing import Any

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.views import Views
from ledger.corridors.profile import Profile
from ledger.domain.custody import custody_of
from ledger.domain.errors import ConflictError, NotFoundError
from ledger.domain.links import REPLACES, STUFFED_IN, LinkSet, Span
from ledger.domain.passage import passages_of
from ledger.domain.subject import Subject
from ledger.dossiers import DossierBuilder, Request
from ledger.log.store import LogStore
from ledger.verification.dossier import Dossier

CUSTODY = "custody"
MAX_TRIPS = 64
"""Trips that one dossier covers at most; more are asked for one by one."""


class Shipments:
    """Answers what is asked of shipments, each time for one organisation.

    Args:
        store: The log.
        catalogue: Knows who may see what.
        profile: The corridor's rules.
        builder: Builds dossiers.
        views: Says which disclosures an organisation may see.
    """

    def __init__(
        self,
        store: LogStore,
        catalogue: Catalogue,
        profile: Profile,
        builder: DossierBuilder,
        views: Views,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._rules = profile.custody_rules()
        self._passages = profile.passage_rules()
        self._builder = builder
        self._views = views

    def custody(self, uri: str, organisation: str, at: float | None = None) -> dict[str, Any]:
        """Return the line of custody of a subject as JSON.

        Args:
            uri: The subject.
            organisation: Who asks: only what it may see is gone by.
            at: POSIX seconds for which the holder is wanted, too.

        Raises:
            NotFoundError: There is no such subject, or it is not for this organisation to see.
        """
        custody = custody_of(uri, self._catalogue.said(uri, organisation), self._rules)
        shown: dict[str, Any] = custody.to_json()
        return shown if at is None else shown | {"at": at, "holder_at": custody.holder_at(at)}

    def passages(self, uri: str, organisation: str) -> dict[str, Any]:
        """Return the gate passages of a subject as JSON; arguments and errors as of `custody`."""
        return passages_of(uri, self._catalogue.said(uri, organisation), self._passages).to_json()

    def links(self, uri: str, organisation: str) -> dict[str, Any]:
        """Return what a subject was linked to as JSON; arguments and errors as of `custody`."""
        spans = LinkSet.of(self._catalogue.said(uri, organisation)).spans
        return {
            "subject": uri,
            "links": [_shown(one) for one in spans if uri in (one.link.from_, one.link.to)],
        }

    def request(self, uri: str, organisation: str, target: int) -> Request:
        """Return which dossier of a subject an organisation can have.

        It covers the subject's streams that the organisation is a member of and, for a consignment, the
        custody streams of the trips that its goods ever were in, as far as it is a member of those.

        Args:
            uri: The subject.
            organisation: For whom it is.
            target: Size of the checkpoint that it is to be about.

        Raises:
            NotFoundError: There is no such subject, or it is not for this organisation to see.
            ConflictError: Code `not-final`: it was opened, but the checkpoint does not have that yet.
        """
        record = self._catalogue.subject(uri, organisation)
        wanted = [(uri, one.name, one.tag) for one in record.streams]
        if record.type == "consignment":
            wanted += self._of_trips(uri, organisation)
        covered = tuple(one for one in wanted if self._store.has_begun(one[2], target))
        if not any(subject == uri for subject, _, _ in covered):
            raise ConflictError(
                "not-final",
                "the subject is logged, but its anchor is not final yet; ask again in a while",
            )
        view = self._views(organisation)
        shown = view.fingerprint([tag for _, _, tag in covered])
        return Request(uri, covered, organisation, view.visible, shown)

    def dossier(self, request: Request) -> Dossier:
        """Return a dossier; see `DossierBuilder.dossier`."""
        return self._builder.dossier(request)

    def _of_trips(self, consignment: str, organisation: str) -> list[tuple[str, str, bytes]]:
        found: dict[str, list[tuple[str, str, bytes]]] = {}
        ahead = _trips(self._links(consignment, organisation), STUFFED_IN, consignment)
        while ahead and len(found) < MAX_TRIPS:
            trip = ahead.pop(0)
            if trip in found:
                continue
            try:
                streams = self._catalogue.subject(trip, organisation).streams
            except NotFoundError:
                found[trip] = []
                continue
            found[trip] = [(trip, one.name, one.tag) for one in streams if one.name == CUSTODY]
            # What was reloaded was in the container before, too.
            ahead += _trips(self._links(trip, organisation), REPLACES, trip)
        return [one for streams in found.values() for one in streams]

    def _links(self, uri: str, organisation: str) -> Iterable[Span]:
        return LinkSet.of(self._catalogue.said(uri, organisation)).spans


def _trips(spans: Iterable[Span], rel: str, from_: str) -> list[str]:
    to = [one.link.to for one in spans if one.link.rel == rel and one.link.from_ == from_]
    return [uri for uri in dict.fromkeys(to) if Subject.parse(uri).type == "trip"]


def _shown(span: Span) -> dict[str, Any]:
    return {
        "rel": span.link.rel,
        "from": span.link.from_,
        "to": span.link.to,
        "since": span.since,
        "until": span.until,
        "by": span.by,
        "statement": span.statement.hex(),
    }
