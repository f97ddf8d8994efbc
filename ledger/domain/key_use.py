"""What a key in the registry is for: what that lets it say, and ask (formats, section 8)."""

from collections.abc import Collection
from typing import Final

USE_STATEMENTS: Final = 1
"""The key signs whatever its organisation may say."""
USE_DEVICE: Final = 2
"""The key is in a machine, and says what the corridor lets machines say."""


def opens_sessions(use: int) -> bool:
    """Return whether a key of some use, 0 to 255, may ask for something in its organisation's name at all."""
    return use in (USE_STATEMENTS, USE_DEVICE)


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
