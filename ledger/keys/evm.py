"""Keys of EVM accounts, in the keystore files that wallets share (Web3 Secret Storage, version 3)."""

import math
import sys
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError, UsageError
from ledger.keys import secret_file
from ledger.keys.passphrase import usable

# eth-account lets recursion go 100,000 deep when it is imported: deeply nested JSON, from whomever, would
# then overflow the C stack and end the process, with no error to catch. This is Python's own limit.
sys.setrecursionlimit(1000)

SCRYPT_COST = 2**17
"""scrypt's N: 128 MiB of memory and half a second."""

_MAX_SCRYPT_COST = 2**20
_MAX_PBKDF2_ROUNDS = 10_000_000


def save_account(
    path: Path, passphrase: str, account: LocalAccount, *, scrypt_cost: int = SCRYPT_COST
) -> None:
    """Write an account's key into a new keystore file.

    Args:
        path: Where; nothing may be there yet.
        passphrase: What to encrypt it under; it is not kept.
        account: The account, as `Account.create()` makes one.
        scrypt_cost: scrypt's N, a power of two.

    Raises:
        ConflictError: Something is there already.
        NotFoundError: The folder is not there.
        UnavailableError: The folder cannot be written to, or the disk is full.
        UsageError: The passphrase is empty or not text.
    """
    keystore = Account.encrypt(account.key, usable(passphrase), kdf="scrypt", iterations=scrypt_cost)
    secret_file.write_new(path, strict_json.dumps(keystore))


def open_account(path: Path, passphrase: str) -> LocalAccount:
    """Read a keystore file; one that others may read is logged as a warning.

    Args:
        path: Where it is.
        passphrase: What it was encrypted under.

    Raises:
        NotFoundError: There is no such file.
        UnavailableError: It cannot be read.
        UsageError: The passphrase is wrong.
        MalformedError: Not a keystore file, cut off, or changed.
    """
    try:
        keystore = strict_json.loads(secret_file.read(path), max_bytes=secret_file.MAX_BYTES)
    except MalformedError as error:
        raise MalformedError(
            "key-file-malformed", f"{path} is no keystore, or was cut off: {error}"
        ) from None
    if not isinstance(keystore, dict) or keystore.get("version") != 3 or not _is_affordable(keystore):
        message = f"{path} is no keystore of version 3, or would take too long to open"
        raise MalformedError("key-file-malformed", message)
    secret = usable(passphrase)
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(keystore, secret))
    except ValueError as error:
        if "MAC mismatch" in str(error):
            raise UsageError("wrong-passphrase", f"the passphrase does not open {path}") from None
        raise MalformedError("key-file-malformed", f"{path} is damaged: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedError("key-file-malformed", f"{path} is damaged: {error!r}") from None
    return account


def _is_affordable(keystore: dict[str, Any]) -> bool:
    """Return whether the cost that the file itself names is one that a person would have chosen."""
    crypto = keystore.get("crypto", keystore.get("Crypto"))
    parameters = crypto.get("kdfparams") if isinstance(crypto, dict) else None
    if not isinstance(parameters, dict):
        return False
    costs = (parameters.get("n", 1), parameters.get("r", 1), parameters.get("p", 1))
    rounds = parameters.get("c", 1)
    if not all(type(value) is int and value > 0 for value in (*costs, rounds)):
        return False
    return bool(math.prod(costs) <= 8 * _MAX_SCRYPT_COST and rounds <= _MAX_PBKDF2_ROUNDS)
