"""Which corridor's rules a new log begins with: a profile that comes with the package, or one in a file."""

from pathlib import Path

from ledger.corridors.profile import MAX_BYTES, Profile
from ledger.corridors.shipped import SHIPPED, shipped_profile
from ledger.domain.errors import MalformedError, NotFoundError, UnavailableError, UsageError


def chosen_profile(choice: str) -> Profile:
    """Return the profile that somebody chose.

    Args:
        choice: Name of a shipped profile, or where a file with one lies.

    Raises:
        NotFoundError: It is neither.
        UnavailableError: The file cannot be read.
        UsageError: What is in it is no profile.
    """
    if choice in SHIPPED:
        return shipped_profile(choice)
    path = Path(choice)
    try:
        with path.open("rb") as file:
            document = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        message = (
            f"{choice} is neither a profile that comes with the ledger ({', '.join(SHIPPED)}) nor a file"
        )
        raise NotFoundError("no-profile", message, field="profile") from None
    except OSError as error:
        message = f"the profile {choice} cannot be read: {error.strerror or error}"
        raise UnavailableError("cannot-read", message, field="profile") from None
    try:
        return Profile.parse(document)
    except MalformedError as error:
        message = f"{choice}: {error.message}. `corridor profile check` says more"
        raise UsageError(error.code, message, field=error.field) from None
