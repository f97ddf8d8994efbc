"""Words that several sentences share: a container, a role, a length of time."""

from ledger.corridors.profile import Profile
from ledger.domain.subject import Subject
from ledger.domain.words import Words


def of_box(trip: str | None) -> Words:
    """Return the words that say of which container something is; none for the shipment itself.

    Args:
        trip: URI of the container's trip.
    """
    if trip is None:
        return Words("", "", "")
    number = Subject.parse(trip).key
    return Words(f" of container {number}", f" del contenedor {number}", f" du conteneur {number}")


def role_title(profile: Profile, role: str) -> Words:
    """Return how a profile calls a role, for people; its name where it does not know it."""
    return profile.roles.get(role) or Words.alike(role)


def in_hours(seconds: float) -> str:
    """Return a length of time in hours and minutes, such as `63 h 20 min`, in every language alike.

    Args:
        seconds: Whatever its sign; whole minutes are shown.
    """
    hours, minutes = divmod(int(abs(seconds)) // 60, 60)
    return f"{hours} h {minutes:02d} min"
