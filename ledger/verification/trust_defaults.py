"""What a trust file requires unless its maker says otherwise, by what the corridor asks of shipments."""

from collections.abc import Collection

from ledger.assessment.assess import checks_of
from ledger.corridors.profile import Profile
from ledger.verification.trust import DEFAULT_REQUIRED

_REQUIRED_EVIDENCE = "required-evidence"
_TIMELINESS = "timeliness"


def required_by(profile: Profile | None, times: Collection[str]) -> tuple[str, ...]:
    """Return the names of the checks that have to pass.

    The other checks of a corridor pass or are not made where nobody brought what they look at, and reject a
    dossier where they fail, required or not.

    Args:
        profile: The corridor's; None where it is not known.
        times: The clocks that the trust file accepts; timeliness is never checked without one.
    """
    asked = () if profile is None else tuple(check.name for check in checks_of(profile))
    wanted = (_REQUIRED_EVIDENCE, _TIMELINESS) if times else (_REQUIRED_EVIDENCE,)
    return (*DEFAULT_REQUIRED, *(name for name in asked if name in wanted))
