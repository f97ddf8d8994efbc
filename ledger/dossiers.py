"""Dossiers and receipt files: what log and chain know, in one container (formats, sections 9 to 11)."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ledger.chain.anchor_store import AnchorStore
from ledger.chain.proofs import StateProver, StateQuestion
from ledger.corridors.profile import Profile
from ledger.domain.cose import Signer
from ledger.domain.entry import statement_entry
from ledger.domain.errors import ConflictError, NotFoundError, UnavailableError
from ledger.domain.evm_layout import organisation_id, role_id
from ledger.domain.statement import Statement
from ledger.domain.tlog_proof import TlogProof
from ledger.log.checkpoints import StoredCheckpoint
from ledger.log.store import LogStore, StoredStatement
from ledger.verification.dossier import AnchorOpening, Dossier, EarlierCheckpoint, LoggedStatement, MapMember
from ledger.verification.manifest import DOSSIER, RECEIPT, CoveredStream, Header
from ledger.verification.receipt import Inclusion, make_receipt
from ledger.verification.state_proof import StateProof

Disclose = Callable[[Statement, Sequence[str]], Sequence[str]]
"""Given a statement and its disclosures, returns those that the audience may see."""


def everything(_statement: Statement, disclosures: Sequence[str]) -> Sequence[str]:
    """Disclose all: for an audience that may read all that anybody concealed."""
    return disclosures


def nothing(_statement: Statement, _disclosures: Sequence[str]) -> Sequence[str]:
    """Disclose nothing."""
    return ()


class ChainEvidence(Protocol):
    """What the operator can show of the chain, from the anchoring tables and a node."""

    def anchors(self) -> Sequence[AnchorOpening]:
        """Return the final anchors of this log on the chain in use, ascending by size."""

    def state_proofs(self, question: StateQuestion) -> Sequence[StateProof]:
        """Return proofs that answer the question: of one block, or those stored before."""


class AnchoredChain:
    """Shows final anchors of one chain, and state proofs by a node or as they were stored.

    Args:
        store: The anchors on that chain.
        prover: Takes state proofs from a node, None when there is none.
        block: Returns the number of the block whose state is shown.
    """

    def __init__(self, store: AnchorStore, prover: StateProver | None, block: Callable[[], int]) -> None:
        self._store = store
        self._prover = prover
        self._block = block

    def anchors(self) -> Sequence[AnchorOpening]:
        """Return the final anchors, ascending by size."""
        return [
            AnchorOpening(one.size, one.block.number, one.block.time)
            for one in self._store.final()
            if one.block is not None
        ]

    def state_proofs(self, question: StateQuestion) -> Sequence[StateProof]:
        """Return one proof by the node, or those that were stored when the anchors became final."""
        if self._prover is not None:
            try:
                return [StateProof.from_bytes(self._prover.prove(self._block(), question))]
            except UnavailableError:
                pass
        return [StateProof.from_bytes(one.proof) for one in self._store.proofs(list(question.sizes))]


@dataclass(frozen=True, slots=True)
class Request:
    """Which dossier is wanted.

    Args:
        shipment: URI of the subject that it is about.
        streams: Subject, name and tag of each stream that it covers.
        audience: URI of the organisation that it is for.
        disclose: Which disclosures the audience gets.
        shown: Changes with whatever decides that: for entity tags.
    """

    shipment: str
    streams: tuple[tuple[str, str, bytes], ...]
    audience: str
    disclose: Disclose
    shown: str = ""


class DossierBuilder:
    """Builds dossiers and receipt files from one log.

    Args:
        store: The log.
        profile: Its corridor profile: says which roles the verifier will ask for.
        chain: What can be shown of the chain.
    """

    def __init__(self, store: LogStore, profile: Profile, chain: ChainEvidence) -> None:
        self._store = store
        self._profile = profile
        self._chain = chain

    def dossier(self, request: Request) -> Dossier:
        """Return the dossier of a shipment at the newest checkpoint whose anchor is final.

        Raises:
            NotFoundError: Nothing is anchored yet, or a stream has no statements.
        """
        anchors = self._chain.anchors()
        target = self._target(anchors)
        stored: dict[int, StoredStatement] = {}
        streams = []
        for subject, name, tag in request.streams:
            of_stream = self._store.stream(tag, target.size)
            if not of_stream:
                raise NotFoundError(
                    "stream-empty", f"no statement of the stream {name} of {subject} is anchored yet"
                )
            stored |= {one.index: one for one in of_stream}
            streams.append(CoveredStream(subject, name, tag, len(of_stream)))
        header = Header(DOSSIER, request.shipment, request.audience, target.size, tuple(streams))
        return self._assemble(
            header, target, [stored[index] for index in sorted(stored)], anchors, request.disclose
        )

    def receipt(self, statement_id: bytes, audience: str, signer: Signer, disclose: Disclose) -> Dossier:
        """Return the receipt file of one statement, by the smallest anchored checkpoint that covers it.

        Args:
            statement_id: 32 bytes.
            audience: URI of the organisation that it is for.
            signer: The receipt key, ES256.
            disclose: Which disclosures the audience gets.

        Raises:
            NotFoundError: The log does not have the statement.
            ConflictError: The statement is acknowledged, but no anchor that covers it is final yet.
        """
        stored = self._store.statement(statement_id)
        anchors = self._chain.anchors()
        covering = [one for one in anchors if one.size > stored.index]
        if not covering:
            raise ConflictError(
                "not-final", "the statement is logged, but its anchor is not final yet; ask again in a while"
            )
        target = self._store.checkpoints.at(covering[0].size)
        statement = Statement.parse(stored.statement)
        header = Header(RECEIPT, statement.sub, audience, target.size, ())
        dossier = self._assemble(header, target, [stored], anchors, disclose)
        entry = statement_entry(statement.envelope, statement.streams)
        path = dossier.statements[0].path
        cose = make_receipt(
            signer,
            origin=self._store.genesis.origin,
            sub=statement.sub,
            entry=entry,
            inclusion=Inclusion(target.size, stored.index, path),
        )
        tlog = TlogProof(index=stored.index, hashes=path, checkpoint=dossier.target, extra=entry)
        return replace(dossier, receipt=(cose, tlog.encode()))

    def _target(self, anchors: Sequence[AnchorOpening]) -> StoredCheckpoint:
        if not anchors:
            raise NotFoundError(
                "nothing-anchored", "no checkpoint of this log is anchored yet; ask again in a while"
            )
        return self._store.checkpoints.at(anchors[-1].size)

    def _assemble(
        self,
        header: Header,
        target: StoredCheckpoint,
        stored: Sequence[StoredStatement],
        anchors: Sequence[AnchorOpening],
        disclose: Disclose,
    ) -> Dossier:
        parsed = {one.index: Statement.parse(one.statement) for one in stored}
        used = _covering(anchors, parsed, target.size)
        earlier = {one.size for one in used} | {one.seen.size for one in parsed.values()}
        kids = sorted({one.kid for one in parsed.values()})
        proofs = self._chain.state_proofs(
            StateQuestion(tuple(one.size for one in used), tuple(kids), self._roles(parsed.values()))
        )
        return Dossier(
            header=header,
            genesis=self._store.genesis.document,
            profile=self._store.profile,
            keys=tuple(self._store.cose_key(kid).encoded for kid in kids),
            statements=tuple(
                LoggedStatement(
                    one.index,
                    one.statement,
                    tuple(disclose(parsed[one.index], one.disclosures)),
                    tuple(self._store.inclusion_proof(one.index, target.size)),
                )
                for one in stored
            ),
            target=self._store.checkpoints.note(target.size),
            checkpoints=tuple(
                EarlierCheckpoint(
                    self._store.checkpoints.note(size),
                    tuple(self._store.consistency_proof(size, target.size)),
                )
                for size in sorted(earlier - {0, target.size})
            ),
            map=MapMember(
                target.map_root,
                tuple(self._store.inclusion_proof(target.size - 1, target.size)),
                tuple(
                    (one.tag, self._store.map_proof(one.tag, target.size).encode()) for one in header.streams
                ),
            ),
            anchors=tuple(used),
            state_proofs=tuple(proofs),
        )

    def _roles(self, statements: Iterable[Statement]) -> tuple[tuple[bytes, bytes], ...]:
        """Return each organisation with each role that would allow it what it said."""
        said = {(one.iss, one.kind) for one in statements}
        return tuple(
            sorted(
                (organisation_id(iss), role_id(role))
                for iss, role in {(iss, role) for iss, kind in said for role in self._profile.roles_for(kind)}
            )
        )


def _covering(
    anchors: Sequence[AnchorOpening], statements: Mapping[int, Statement], target: int
) -> list[AnchorOpening]:
    """Return the anchors that are needed: of each statement the first that covers it, and the target's."""
    sizes = [one.size for one in anchors]
    wanted = {bisect_right(sizes, index) for index in statements} | {sizes.index(target)}
    return [anchors[place] for place in sorted(wanted) if sizes[place] <= target]
