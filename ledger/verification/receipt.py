"""COSE Receipts: the log's word that it holds an entry, in an IETF format (RFC 9942; formats, section 9)."""

from dataclasses import dataclass
from typing import Any

from ledger.domain import strict_cbor
from ledger.domain.cose import Alg, CoseKey, Signer, sig_structure
from ledger.domain.errors import MalformedError, UsageError, VerificationError
from ledger.domain.merkle import leaf_hash, root_from_inclusion
from ledger.verification.cbor_shapes import blob, hashes, record, uint

MEDIA_TYPE = "application/scitt-receipt+cose"
MAX_RECEIPT = 65_536
_SIGN1_TAG = b"\xd2"
_VDS = 395
_VDP = 396
_RFC9162_SHA256 = 1
_INCLUSION = -1


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where an entry stands in a tree, and the way from there to the root.

    Args:
        tree_size: Number of leaves of the tree.
        leaf_index: Place of the entry.
        path: Hashes from the leaf's sibling up, 32 bytes each (RFC 9162 section 2.1.3).
    """

    tree_size: int
    leaf_index: int
    path: tuple[bytes, ...]

    def root(self, entry: bytes) -> bytes:
        """Return the root that this leads to from a log entry, 32 bytes.

        Raises:
            VerificationError: The index lies outside the tree, or the path is too long or too short.
        """
        return root_from_inclusion(leaf_hash(entry), self.leaf_index, self.tree_size, self.path)


def make_receipt(signer: Signer, *, origin: str, sub: str, entry: bytes, inclusion: Inclusion) -> bytes:
    """Sign a receipt.

    Args:
        signer: The log's receipt key, ES256.
        origin: The log's origin line.
        sub: `sub` of the statement that the entry commits to.
        entry: The log entry.
        inclusion: Its place in the tree that the receipt speaks of.

    Raises:
        UsageError: The key is not ES256.
        VerificationError: The proof fits no tree, or the signer returned something else than its signature.
        UnavailableError: The signer does not answer.
    """
    if signer.key.alg is not Alg.ES256:
        raise UsageError("wrong-key", "receipts are signed with ES256: foreign verifiers refuse EdDSA ones")
    protected = _protected(signer.key, origin, sub)
    to_be_signed = sig_structure(protected, inclusion.root(entry))
    signature = signer.sign(to_be_signed)
    signer.key.verify(to_be_signed, signature)
    return _encode(protected, inclusion, signature)


def open_receipt(receipt: bytes, *, key: CoseKey, origin: str, sub: str, entry: bytes) -> Inclusion:
    """Return the place in the log that a receipt shows for an entry.

    The tree size in it is not signed (RFC 9942 section 5.2): compare it with a signed checkpoint.

    Args:
        receipt: As received.
        key: The receipt key that is trusted.
        origin: The log that must have issued it.
        sub: `sub` of the statement that it must be about.
        entry: The log entry, made from the statement.

    Raises:
        MalformedError: Not a receipt of the one form.
        VerificationError: Issued by another log or key, about another subject, or a proof or signature that
            does not hold.
    """
    inclusion, signature = _decode(receipt)
    protected = _protected(key, origin, sub)
    if receipt != _encode(protected, inclusion, signature):
        message = "the receipt's header is not the one that this log's receipt key gives for this statement"
        raise VerificationError("receipt-header", message)
    key.verify(sig_structure(protected, inclusion.root(entry)), signature)
    return inclusion


def _protected(key: CoseKey, origin: str, sub: str) -> bytes:
    claims = {1: f"https://{origin}", 2: sub}
    header = {1: int(key.alg), 4: key.thumbprint, 15: claims, 16: MEDIA_TYPE, _VDS: _RFC9162_SHA256}
    return strict_cbor.dumps(header)


def _encode(protected: bytes, inclusion: Inclusion, signature: bytes) -> bytes:
    proof = strict_cbor.dumps([inclusion.tree_size, inclusion.leaf_index, inclusion.path])
    return _SIGN1_TAG + strict_cbor.dumps([protected, {_VDP: {_INCLUSION: [proof]}}, None, signature])


def _decode(receipt: bytes) -> tuple[Inclusion, bytes]:
    if len(receipt) > MAX_RECEIPT or receipt[:1] != _SIGN1_TAG:
        raise MalformedError("receipt", "a receipt is a tagged COSE_Sign1 of at most 65,536 bytes")
    _, unprotected, payload, signature = record(strict_cbor.loads(receipt[1:]), 4, "a receipt")
    if payload is not None:
        raise MalformedError("receipt", "the payload of a receipt is detached; this one carries its own")
    proof = strict_cbor.loads(blob(_only_proof(unprotected), "an inclusion proof"))
    size, index, path = record(proof, 3, "an inclusion proof")
    inclusion = Inclusion(uint(size, "a tree size"), uint(index, "a leaf index"), hashes(path, "a path"))
    return inclusion, blob(signature, "a signature")


def _only_proof(unprotected: Any) -> Any:
    try:
        (proof,) = unprotected[_VDP][_INCLUSION]
    except (KeyError, TypeError, ValueError):
        raise MalformedError("receipt", "a receipt holds exactly one inclusion proof") from None
    return proof
