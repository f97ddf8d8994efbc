"""All that participants read of one log, each as far as it is theirs to read."""

from dataclasses import dataclass

from ledger.access import Caller
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.decided import Decided
from ledger.catalogue.views import Views
from ledger.chain.anchor_store import AnchorStore
from ledger.domain.cose import Signer
from ledger.domain.errors import ConflictError
from ledger.domain.statement import Statement
from ledger.dossiers import DossierBuilder
from ledger.log.store import StoredStatement
from ledger.own_verdict import OwnVerdict
from ledger.participants import Participants
from ledger.progress import ProgressReader
from ledger.shipments import Shipments
from ledger.verification.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts that answer reads.

    Args:
        catalogue: What the log says of subjects, and who may see it.
        views: What is shown of that to whom.
        progress: How far statements have come.
        shipments: Custody, links and dossiers.
        decided: What authorities decided.
        participants: Organisations, roles and keys.
        own_verdict: What the operator's own verification says.
        builder: Builds receipt files.
        receipt_key: Signs them, ES256.
        anchors: Of the log on the chain in use.
    """

    catalogue: Catalogue
    views: Views
    progress: ProgressReader
    shipments: Shipments
    decided: Decided
    participants: Participants
    own_verdict: OwnVerdict
    builder: DossierBuilder
    receipt_key: Signer
    anchors: AnchorStore

    def may_see(self, stored: StoredStatement, caller: Caller) -> bool:
        """Return whether somebody may read a statement.

        Members of a stream that it is in may; a device, which is easily stolen, reads what it signed itself.
        """
        if caller.is_device:
            return Statement.parse(stored.statement).kid == caller.kid
        return self.catalogue.may_see(stored.index, caller.organisation)

    def shown(self, stored: StoredStatement, caller: Caller) -> StoredStatement:
        """Return a statement that somebody may read with the disclosures that its organisation may see."""
        return self.views(caller.organisation).redacted(stored)

    def receipt(self, statement_id: bytes, audience: str) -> Dossier:
        """Return the receipt file of a statement for an audience; see `DossierBuilder.receipt`."""
        return self.builder.receipt(statement_id, audience, self.receipt_key, self.views(audience).visible)

    def newest_final(self) -> int:
        """Return the size of the newest checkpoint whose anchor is final.

        Raises:
            ConflictError: Code `not-final`: there is none yet.
        """
        newest = self.anchors.newest_final()
        if newest is None:
            raise ConflictError(
                "not-final", "no checkpoint of this log has a final anchor yet; ask again in a while"
            )
        return newest.size
