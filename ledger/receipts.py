"""COSE Receipts of single statements, issued as soon as a checkpoint that covers them is published."""

from dataclasses import dataclass

from ledger.domain import strict_cbor
from ledger.domain.cose import CoseKey, Signer
from ledger.domain.entry import statement_entry
from ledger.domain.statement import Statement
from ledger.log.store import LogStore
from ledger.verification.receipt import Inclusion, make_receipt


@dataclass(frozen=True, slots=True)
class ReceiptIssuer:
    """Issues receipts of one log (RFC 9942; formats, section 9).

    Args:
        store: The log.
        signer: Its receipt key, ES256.
    """

    store: LogStore
    signer: Signer

    def issue(self, statement_id: bytes) -> bytes:
        """Return a receipt by the first published checkpoint that covers a statement, a COSE_Sign1.

        Args:
            statement_id: 32 bytes.

        Raises:
            NotFoundError: Code `statement-unknown`: the log does not have it; code `not-published`: no
                checkpoint that covers it is published yet.
        """
        stored = self.store.statement(statement_id)
        size = self.store.checkpoints.covering(stored.index).size
        statement = Statement.parse(stored.statement)
        return make_receipt(
            self.signer,
            origin=self.store.genesis.origin,
            sub=statement.sub,
            entry=statement_entry(statement.envelope, statement.streams),
            inclusion=Inclusion(size, stored.index, tuple(self.store.inclusion_proof(stored.index, size))),
        )

    @property
    def keys(self) -> tuple[CoseKey, ...]:
        """The keys of this log's receipts: the one in its genesis document; a ledger starts with no other."""
        return (self.signer.key,)


def key_document(key: CoseKey) -> bytes:
    """Return a key with its name and algorithm, as SCRAPI serves it: a COSE_Key in strict CBOR."""
    return strict_cbor.dumps(_members(key))


def key_set(keys: tuple[CoseKey, ...]) -> bytes:
    """Return keys as a COSE_KeySet (RFC 9052 section 7) in strict CBOR."""
    return strict_cbor.dumps([_members(key) for key in keys])


def _members(key: CoseKey) -> dict[int, object]:
    return {**strict_cbor.loads(key.encoded), 2: key.thumbprint, 3: int(key.alg)}
