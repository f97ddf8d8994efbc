"""The profiles that come with the package, by name."""

from functools import cache
from importlib.resources import files
from typing import Final

from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain.errors import NotFoundError

FOUNDATION: Final = "foundation"
"""What a log begins with where nobody chooses."""
SHIPPED: Final = (FOUNDATION, "guatemala-us", "guatemala-pacific-us", "east-africa-transit")


@cache
def shipped_profile(name: str) -> Profile:
    """Return a profile that comes with the package.

    Args:
        name: One of `SHIPPED`.

    Raises:
        NotFoundError: None is called so.
    """
    if name not in SHIPPED:
        message = (
            f"no profile that comes with the ledger is called {name[:80]!r}; there are {', '.join(SHIPPED)}"
        )
        raise NotFoundError("no-profile", message, field="profile")
    if name == FOUNDATION:
        return foundation_profile()
    return Profile.parse(files(__package__).joinpath(f"{name}.toml").read_bytes())
