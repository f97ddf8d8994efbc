"""Check `evidence`: the bytes that statements commit to are in the dossier, and are those."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ledger.domain.cid import cid_of
from ledger.domain.erasure import Erased
from ledger.domain.errors import CorridorError
from ledger.domain.evidence import EvidenceItem, items
from ledger.domain.moment import in_utc
from ledger.domain.verdict import Check
from ledger.verification.checks.erasures import Erasure, erasures
from ledger.verification.checks.findings import Findings, count, passed
from ledger.verification.container import STREAMED, Container
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Said
from ledger.verification.sealed import Identity, open_sealed, unwrap_secret

NAME = "evidence"
_RENDITION = "rendition-"
_ERASED = "erased"


def check_evidence(
    dossier: Dossier, container: Container, said: Sequence[Said], identities: Sequence[Identity]
) -> Check:
    """Return the check.

    Args:
        dossier: What was parsed.
        container: Where the stored bytes lie.
        said: The statements, as far as the reader may know them.
        identities: age identities of the reader.
    """
    findings = Findings(NAME)
    claims = _claims(said, findings)
    members = {name.removeprefix(STREAMED) for name in container.names if name.startswith(STREAMED)}
    secrets = dict(dossier.secrets)
    for cid in sorted(members - {item.cid for item in claims}):
        findings.fail("unclaimed-evidence", f"No statement in the dossier speaks of the evidence {cid}.")
    for commitment in sorted(secrets.keys() - {item.commitment for item in claims}):
        message = f"No statement in the dossier speaks of the evidence with commitment {commitment.hex()}."
        findings.fail("unclaimed-evidence", message)
    gone = _Gone(erasures(said), findings)
    for item, claimed_by in claims.items():
        shown = _shown(item)
        if item.cid not in members:
            if gone.leaves(item, claimed_by):
                findings.miss("withheld", f"The dossier does not hold {shown}; ask whoever made it.")
            continue
        if cid_of(container.chunks(STREAMED + item.cid)) != item.cid:
            findings.fail("cid-mismatch", f"The stored bytes of {shown} are others than its CID names.")
            continue
        wrapped = secrets.get(item.commitment)
        secret = None if wrapped is None else unwrap_secret(wrapped, identities)
        if secret is None:
            if gone.leaves(item, claimed_by):
                message = (
                    f"The bytes of {shown} are sealed; without a key for them only their CID was checked."
                )
                findings.skip("sealed", message)
            continue
        try:
            open_sealed(item, secret, container.chunks(STREAMED + item.cid))
        except CorridorError as error:
            said_by = " and ".join(sorted(claimed_by))
            findings.fail(
                error.code, f"The content of {shown} is not what {said_by} stated: {error.message}."
            )
    if not claims and not findings.failures:
        return passed(NAME, "No statement in the dossier claims evidence.", "none-claimed")
    return gone.told(findings.conclude(f"{count(len(claims), 'evidence item')}, all opened and as stated."))


class _Gone:
    """Items that cannot be opened any more, because whoever claims them erased them.

    Args:
        known: The erasures, by what they name.
        findings: Receives what was erased.
    """

    def __init__(self, known: Mapping[tuple[str, Erased], Erasure], findings: Findings) -> None:
        self._erasures = known
        self._findings = findings
        self._messages: list[str] = []

    def leaves(self, item: EvidenceItem, claimed_by: Iterable[str]) -> bool:
        """Note the claims that were erased by whoever makes them, and return whether others are left."""
        left = False
        for organisation in claimed_by:
            erasure = self._erasures.get((organisation, Erased(item.commitment, item.cid)))
            if erasure is None:
                left = True
                continue
            message = (
                f"{_shown(item)} was erased on {in_utc(erasure.time)} by {erasure.by}; what was said of it "
                "stays proven"
            )
            self._messages.append(message)
            self._findings.skip(_ERASED, f"{message[:1].upper()}{message[1:]}.")
        return left

    def told(self, check: Check) -> Check:
        """Return a check that tells of an erasure, also where something weighs more."""
        if not self._messages or check.reason == _ERASED:
            return check
        more = f" (one of {len(self._messages)})" if len(self._messages) > 1 else ""
        return replace(check, message=f"{check.message} Besides, {self._messages[0]}{more}.")


def _claims(said: Sequence[Said], findings: Findings) -> dict[EvidenceItem, dict[str, None]]:
    """Return the items that are claimed, each with the organisations that claim it."""
    found: dict[EvidenceItem, dict[str, None]] = {}
    for one in said:
        try:
            for item in items(one.body):
                found.setdefault(item, {})[one.statement.iss] = None
        except CorridorError as error:
            findings.fail(error.code, f"The evidence named in {one.shown} cannot be read: {error.message}.")
    return found


def _shown(item: EvidenceItem) -> str:
    """Return how to name an item to people."""
    name = item.name or item.cid
    if item.category.startswith(_RENDITION):
        return f"the rendition {name} of a {item.category.removeprefix(_RENDITION)} item"
    return f"the {item.category} item {name}"
