"""Check `readable`: the dossier is of the log and the corridor rules that the verifier trusts."""

from functools import lru_cache
from hashlib import sha256

from ledger.corridors.profile import Profile
from ledger.domain.errors import MalformedError
from ledger.domain.genesis import Genesis
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import failed, passed
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Log
from ledger.verification.trust import Trust

NAME = "readable"
# The same rules come with every dossier of a corridor, and parsing them costs as much as 20 signatures.
_profile = lru_cache(maxsize=16)(Profile.parse)


def check_readable(dossier: Dossier, trust: Trust, expected_shipment: str | None) -> tuple[Check, Log | None]:
    """Return the check, and the log when it passed.

    Args:
        dossier: What was parsed.
        trust: The trust file.
        expected_shipment: The subject that the verifier asked for, None when any will do.
    """
    if sha256(dossier.genesis).digest() != trust.genesis:
        return failed(NAME, "other-log", "The dossier is of another log than the trust file names."), None
    if sha256(dossier.profile).digest() != trust.profile:
        message = "The dossier was made under other corridor rules than the trust file names."
        return failed(NAME, "other-profile", message), None
    try:
        genesis = Genesis.parse(dossier.genesis)
        profile = _profile(dossier.profile)
    except MalformedError as error:
        return failed(NAME, error.code, f"The dossier cannot be used: {error.message}."), None
    if genesis.origin != trust.origin:
        message = f"The log calls itself {genesis.origin}; the trust file names {trust.origin}."
        return failed(NAME, "other-log", message), None
    if expected_shipment not in (None, dossier.header.shipment):
        message = f"The dossier is about {dossier.header.shipment} and not about {expected_shipment}."
        return failed(NAME, "other-shipment", message), None
    return passed(NAME, "Every byte of the file is where it belongs, and it is of the trusted log."), Log(
        genesis, profile
    )
