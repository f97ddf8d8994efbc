"""The operator's keys in the data folder: log, receipts, the account that anchors."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from eth_account import Account
from eth_account.signers.local import LocalAccount

from ledger.config import Settings
from ledger.domain.cose import Alg
from ledger.domain.errors import NotFoundError, UsageError
from ledger.keys import evm, secret_file
from ledger.keys.files import KeyFile, KeyKind
from ledger.log.publisher import LogSigner

_FOLDER = "keys"
_PASSPHRASE = "passphrase"  # noqa: S105 - the name of a file


@dataclass(frozen=True, slots=True)
class OperatorKeys:
    """What the operator signs with.

    Args:
        log: Signs checkpoints, Ed25519.
        receipt: Signs receipts, ES256.
        account: Pays for and signs anchors.
    """

    log: KeyFile = field(repr=False)
    receipt: KeyFile = field(repr=False)
    account: LocalAccount = field(repr=False)

    @classmethod
    def generate(cls, origin: str) -> Self:
        """Make new keys for a log."""
        return cls(
            KeyFile.generate(KeyKind.LOG, origin),
            KeyFile.generate(KeyKind.RECEIPT, origin, Alg.ES256),
            Account.create(secrets.token_bytes(32)),
        )

    @property
    def log_signer(self) -> LogSigner:
        """The log key as the publisher takes it."""
        return LogSigner(self.log.verifier_key, self.log.sign_note)


def open_or_create(settings: Settings) -> OperatorKeys:
    """Open the keys of a data folder; make them when there are none yet.

    Args:
        settings: Whose data folder, and the passphrase. Without one, a random passphrase is made and
            kept beside the keys: good enough to try things out, and the operations guide says so.

    Raises:
        UsageError: The passphrase is wrong.
        UnavailableError: The folder cannot be written.
    """
    folder = settings.data / _FOLDER
    passphrase = _passphrase(settings, folder)
    log, receipt, account = folder / "log.key", folder / "receipt.key", folder / "operator.json"
    if not account.exists():
        keys = OperatorKeys.generate(settings.origin)
        # The account comes last: where it is, all three are.
        for path in (log, receipt):
            path.unlink(missing_ok=True)
        keys.log.save(log, passphrase)
        keys.receipt.save(receipt, passphrase)
        evm.save_account(account, passphrase, keys.account)
        return keys
    return OperatorKeys(
        KeyFile.open(log, passphrase, KeyKind.LOG),
        KeyFile.open(receipt, passphrase, KeyKind.RECEIPT),
        evm.open_account(account, passphrase),
    )


def founder_account(settings: Settings, name: str) -> LocalAccount:
    """Open or make the admin account of an organisation that this data folder founds a registry with.

    Args:
        settings: Whose data folder, and the passphrase.
        name: Name of the file, without its ending.
    """
    folder = settings.data / "founders"
    passphrase = _passphrase(settings, settings.data / _FOLDER)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    if path.exists():
        return evm.open_account(path, passphrase)
    account: LocalAccount = Account.create(secrets.token_bytes(32))
    evm.save_account(path, passphrase, account)
    return account


def _passphrase(settings: Settings, folder: Path) -> str:
    if settings.passphrase is not None:
        return settings.passphrase
    path = folder / _PASSPHRASE
    try:
        return secret_file.read(path).decode().strip()
    except NotFoundError:
        if (folder / "operator.json").exists():
            message = f"set CORRIDOR_PASSPHRASE: the keys in {folder} are encrypted and {path} is not there"
            raise UsageError("no-passphrase", message) from None
    folder.mkdir(parents=True, exist_ok=True)
    passphrase = secrets.token_urlsafe(24)
    secret_file.write_new(path, passphrase.encode())
    return passphrase
