"""Passphrases that can be used."""

from ledger.domain.errors import UsageError


def usable(passphrase: str) -> str:
    """Return a passphrase that can be used.

    Raises:
        UsageError: It is empty, or was typed in another encoding than UTF-8.
    """
    if not passphrase:
        raise UsageError("empty-passphrase", "the passphrase is empty; choose one of several words")
    try:
        passphrase.encode()
    except UnicodeEncodeError:
        raise UsageError(
            "bad-passphrase", "the passphrase is not UTF-8; check the terminal's encoding"
        ) from None
    return passphrase
