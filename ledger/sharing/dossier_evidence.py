"""What a dossier holds of evidence for its audience: the secrets wrapped for it, and the sealed bytes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from ledger.domain.errors import MalformedError, NotFoundError, UsageError
from ledger.domain.evidence import EvidenceItem, items
from ledger.domain.statement import Statement
from ledger.evidence.store import EvidenceStore
from ledger.sharing.secrets import Secrets
from ledger.verification.container import Part
from ledger.verification.dossier import Dossier
from ledger.verification.zip_layout import MAX_SIZE

MayFetch = Callable[[str], bool]
"""Tells whether the audience may fetch the sealed bytes of a CID; NotFoundError when they are erased."""


class Choice(StrEnum):
    """How much evidence a dossier holds."""

    NONE = "none"
    SECRETS = "secrets"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class DossierEvidence:
    """Puts evidence into dossiers.

    Args:
        secrets: In the ledger's keeping.
        store: The sealed bytes.
    """

    secrets: Secrets
    store: EvidenceStore

    def put_in(
        self, dossier: Dossier, choice: Choice, may_fetch: MayFetch
    ) -> tuple[Dossier, dict[str, Part]]:
        """Return a dossier with the secrets for its audience, and the sealed bytes by CID.

        What its statements claim and the audience may not have, or is not there any more, leaves a hole.

        Args:
            dossier: Without evidence.
            choice: How much of it is wanted.
            may_fetch: Tells which bytes the audience may fetch.

        Raises:
            UsageError: Code `too-large`: the bytes do not go into one dossier.
        """
        if choice is Choice.NONE:
            return dossier, {}
        claimed = _claimed(dossier)
        audience = dossier.header.audience
        found = self.secrets.for_items(audience, {one.commitment for one in claimed})
        bytes_ = self._bytes(claimed, may_fetch) if choice is Choice.ALL else {}
        return replace(dossier, secrets=found), bytes_

    def version(self, organisation: str, choice: Choice) -> object:
        """Return what changes with what an organisation is given, for entity tags."""
        return [choice.value, *(() if choice is Choice.NONE else self.secrets.version(organisation))]

    def _bytes(self, claimed: Iterable[EvidenceItem], may_fetch: MayFetch) -> dict[str, Part]:
        parts: dict[str, Part] = {}
        room = MAX_SIZE
        for cid in sorted({one.cid for one in claimed}):
            try:
                if not may_fetch(cid):
                    continue
                room -= self.store.size(cid)
            except NotFoundError:
                continue
            if room < 0:
                raise UsageError(
                    "too-large",
                    "the sealed bytes do not go into one dossier, which stays below 4 GiB: ask for one with "
                    "evidence=secrets, and fetch them one by one",
                )
            parts[cid] = partial(_chunks, self.store, cid)
        return parts


def _chunks(store: EvidenceStore, cid: str) -> Iterable[bytes]:
    return store.open(cid).chunks


def _claimed(dossier: Dossier) -> set[EvidenceItem]:
    """Return the items that a dossier's statements claim, as far as they are disclosed in it."""
    found: set[EvidenceItem] = set()
    for one in dossier.statements:
        try:
            found.update(items(Statement.parse(one.raw).reveal(one.disclosures)))
        except MalformedError:
            continue
    return found
