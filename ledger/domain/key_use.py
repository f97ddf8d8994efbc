"""What a key in the registry is for, and which kinds of statements that lets it say (formats, section 8)."""

from collections.abc import Collection
from typing import Final

USE_STATEMENTS: Final = 1
"""The key signs whatever its organisation may say."""
USE_DEVICE: Final = 2
"""The key is in a machine, and says what the corridor lets machines say."""


def objection(use: int, kind: str, device_kinds: Collection[str]) -> str | None:
    """Return in words why a key of some use may not say a kind of thing, None when it may.

    Args:
        use: As the registry has it, 0 to 255.
        kind: Kind of the statement.
        device_kinds: The kinds that the corridor lets keys of devices say.
    """
    if use == USE_STATEMENTS:
        return None
    if use != USE_DEVICE:
        return f"its key is registered for use {use}, which signs no statements"
    if kind not in device_kinds:
        return f'its key is a device\'s, and the corridor lets no device say "{kind}"'
    return None
