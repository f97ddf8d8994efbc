"""Which corridor's rules a new log begins with: a profile that comes with the package, or one in a file."""

from pathlib import Path

from ledger.corridors.checking import check
from ledger.corridors.checking.remark import Weight
from ledger.corridors.profile import MAX_BYTES, Profile
from ledger.corridors.shipped import SHIPPED, shipped_profile
from ledger.domain.errors import MalformedError, NotFoundError, UnavailableError, UsageError


def chosen_profile(choice: str) -> Profile:
    """Return the profile that somebody chose for a new log.

    Args:
        choice: Name of a shipped profile, or where a file with one lies.

    Raises:
        NotFoundError: It is neither.
        UnavailableError: The file cannot be read.
        UsageError: What is in it is no profile, or rules that nobody can keep.
    """
    if choice in SHIPPED:
        return shipped_profile(choice)
    try:
        profile = Profile.parse(_read(Path(choice)))
    except MalformedError as error:
        message = f"{choice}: {error.message}. `corridor profile check` says more"
        raise UsageError(error.code, message, field=error.field) from None
    errors = [one for one in check(profile) if one.weight is Weight.ERROR]
    if errors:
        first, more = errors[0], f" ({len(errors) - 1} more errors)" if len(errors) > 1 else ""
        message = f"{choice}: {first.path}: {first.says}{more}. `corridor profile check` explains it"
        raise UsageError(first.code, message, field=first.path)
    return profile


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        message = f"{path} is neither a profile that comes with the ledger ({', '.join(SHIPPED)}) nor a file"
        raise NotFoundError("no-profile", message, field="profile") from None
    except OSError as error:
        message = f"the profile {path} cannot be read: {error.strerror or error}"
        raise UnavailableError("cannot-read", message, field="profile") from None
