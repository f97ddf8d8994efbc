"""The corridor profile that a genesis document names, from the package or from a file."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli.files import parsing, read_file
from ledger.domain.errors import UsageError

if TYPE_CHECKING:
    from ledger.corridors.profile import Profile
    from ledger.domain.genesis import Genesis


def profile_in(path: Path | None, genesis: "Genesis") -> "Profile | None":
    """Return the profile that a genesis document names.

    Args:
        path: Where it lies; None to look among those that come with the package.
        genesis: The genesis document.

    Returns:
        None where no file is given, and none that comes with the package is the one.

    Raises:
        NotFoundError: The file is not there.
        UnavailableError: It cannot be read.
        UsageError: It is not the profile that the genesis document names.
        MalformedError: It is no profile.
    """
    from ledger.corridors.profile import MAX_BYTES, Profile
    from ledger.corridors.shipped import SHIPPED, shipped_profile

    if path is None:
        shipped = map(shipped_profile, SHIPPED)
        return next((one for one in shipped if one.hash == genesis.profile), None)
    document = read_file(path, "the profile", max_bytes=MAX_BYTES)
    if sha256(document).digest() != genesis.profile:
        raise UsageError("other-profile", f"{path} is not the profile that the genesis document names")
    with parsing(path):
        return Profile.parse(document)
