"""Check `evidence`: the bytes that statements commit to are in the dossier, and are those."""

from collections.abc import Sequence

from ledger.domain.cid import cid_of
from ledger.domain.errors import CorridorError
from ledger.domain.evidence import EvidenceItem, items
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, count, passed
from ledger.verification.container import STREAMED, Container
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Said
from ledger.verification.sealed import Identity, open_sealed, unwrap_secret

NAME = "evidence"


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
    claimed = _claimed(said, findings)
    members = {name.removeprefix(STREAMED) for name in container.names if name.startswith(STREAMED)}
    secrets = dict(dossier.secrets)
    for cid in sorted(members - {item.cid for item in claimed}):
        findings.fail("unclaimed-evidence", f"No statement in the dossier speaks of the evidence {cid}.")
    for commitment in sorted(secrets.keys() - {item.commitment for item in claimed}):
        message = f"No statement in the dossier speaks of the evidence with commitment {commitment.hex()}."
        findings.fail("unclaimed-evidence", message)
    for item in claimed:
        shown = f"the {item.category} item {item.name or item.cid}"
        if item.cid not in members:
            findings.miss("withheld", f"The dossier does not hold {shown}; ask whoever made it.")
            continue
        if cid_of(container.chunks(STREAMED + item.cid)) != item.cid:
            findings.fail("cid-mismatch", f"The stored bytes of {shown} are others than its CID names.")
            continue
        wrapped = secrets.get(item.commitment)
        secret = None if wrapped is None else unwrap_secret(wrapped, identities)
        if secret is None:
            message = f"The bytes of {shown} are sealed; without a key for them only their CID was checked."
            findings.skip("sealed", message)
            continue
        try:
            open_sealed(item, secret, container.chunks(STREAMED + item.cid))
        except CorridorError as error:
            findings.fail(error.code, f"The content of {shown} is not what was stated: {error.message}.")
    if not claimed and not findings.failures:
        return passed(NAME, "No statement in the dossier claims evidence.", "none-claimed")
    return findings.conclude(f"{count(len(claimed), 'evidence item')}, all opened and as stated.")


def _claimed(said: Sequence[Said], findings: Findings) -> list[EvidenceItem]:
    found: dict[EvidenceItem, None] = {}
    for one in said:
        try:
            found.update(dict.fromkeys(items(one.body)))
        except CorridorError as error:
            findings.fail(error.code, f"The evidence named in {one.shown} cannot be read: {error.message}.")
    return list(found)
