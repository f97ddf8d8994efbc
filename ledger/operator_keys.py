"""The operator's keys in the data folder: log, receipts, the account that anchors; and founders' accounts."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from eth_account import Account
from eth_account.signers.local import LocalAccount

from ledger.config import Settings
from ledger.domain.cose import Alg
from ledger.domain.errors import NotFoundError, UnavailableError, UsageError
from ledger.domain.genesis import Genesis
from ledger.keys import evm, secret_file
from ledger.keys.files import KeyFile, KeyKind
from ledger.log.publisher import LogSigner

FOLDER = "keys"
FOUNDERS_FOLDER = "founders"
FOUNDERS = ("founder-one", "founder-two")
"""Names of the founders' files, without their ending; in the order of the setting `founders`."""
_PASSPHRASE = "passphrase"  # noqa: S105 - the name of a file
_FILES = ("log.key", "receipt.key", "operator.json")
_READER = "reader.key"
"""The one key that need not be there: of the operator as a participant, put there by hand."""


@dataclass(frozen=True, slots=True)
class OperatorKeys:
    """What the operator signs with.

    Args:
        log: Signs checkpoints, Ed25519.
        receipt: Signs receipts, ES256.
        account: Pays for and signs anchors.
        reader: Signs what the operator's readers find, as a participant; None where it does not.
    """

    log: KeyFile = field(repr=False)
    receipt: KeyFile = field(repr=False)
    account: LocalAccount = field(repr=False)
    reader: KeyFile | None = field(default=None, repr=False)

    @classmethod
    def generate(cls, origin: str) -> Self:
        """Make new keys for a log."""
        return cls(
            KeyFile.generate(KeyKind.LOG, origin),
            KeyFile.generate(KeyKind.RECEIPT, origin, Alg.ES256),
            _new_account(),
        )

    @property
    def log_signer(self) -> LogSigner:
        """The log key as the publisher takes it."""
        return LogSigner(self.log.verifier_key, self.log.sign_note)

    @property
    def service_secret(self) -> bytes:
        """32 bytes that every process of this operator has: what the service alone must be able to make."""
        key = self.log.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return HKDF(SHA256(), 32, salt=None, info=b"corridor/service/v1").derive(key)

    def check_they_are_of(self, genesis: Genesis) -> None:
        """Return when these are the keys that a log's genesis document names.

        Raises:
            UsageError: They are another log's: nothing may be signed with them here.
        """
        named = (genesis.log_key, genesis.receipt_key)
        if named != (self.log.verifier_key.encode(), self.receipt.signer.key):
            raise UsageError(
                "other-keys",
                f"the key files are not those that the log {genesis.origin} began with; put its own there",
            )


def create(settings: Settings) -> OperatorKeys:
    """Open the operator's keys for a log that is about to begin, and make those that are not there yet.

    Args:
        settings: Whose data folder, and the passphrase. Without one, a random passphrase is made and
            kept beside the keys: good enough to try things out, and the operations guide says so.

    Raises:
        UsageError: The passphrase is wrong, none is given for keys that have one, or the keys that are
            there are for another origin.
        UnavailableError: The folder cannot be written.
    """
    folder = settings.data / FOLDER
    make_private(folder)
    passphrase = _passphrase(settings, folder, create=True)
    log, receipt, account = (folder / name for name in _FILES)
    # What is there stays: a start that was cut off may have made it.
    if not log.exists():
        KeyFile.generate(KeyKind.LOG, settings.origin).save(log, passphrase)
    if not receipt.exists():
        KeyFile.generate(KeyKind.RECEIPT, settings.origin, Alg.ES256).save(receipt, passphrase)
    if not account.exists():
        evm.save_account(account, passphrase, _new_account())
    keys = open_existing(settings)
    if keys.log.name != settings.origin:
        raise UsageError(
            "other-origin",
            f"{log} is for the log {keys.log.name}, which was not finished; begin that one, or choose "
            f"another folder for {settings.origin}",
            field="origin",
        )
    return keys


def open_existing(settings: Settings) -> OperatorKeys:
    """Open the operator's keys.

    Raises:
        NotFoundError: One of them is not there.
        UsageError: The passphrase is wrong, or none is given.
        UnavailableError: A file cannot be read.
    """
    folder = settings.data / FOLDER
    log, receipt, account = (folder / name for name in _FILES)
    reader = folder / _READER
    try:
        passphrase = _passphrase(settings, folder)
        return OperatorKeys(
            KeyFile.open(log, passphrase, KeyKind.LOG),
            KeyFile.open(receipt, passphrase, KeyKind.RECEIPT),
            evm.open_account(account, passphrase),
            KeyFile.open(reader, passphrase, KeyKind.STATEMENT) if reader.exists() else None,
        )
    except NotFoundError as error:
        raise NotFoundError(
            "keys-missing", f"{error.message}; put the operator's keys back, from a copy or another server"
        ) from None


def founder_account(settings: Settings, name: str, *, create: bool) -> LocalAccount:
    """Open or make the admin account of an organisation that this data folder founds a registry with.

    Args:
        settings: Whose data folder, and the passphrase.
        name: One of `FOUNDERS`.
        create: Whether to make one that is not there.

    Raises:
        NotFoundError: It is not there.
        UsageError: The passphrase is wrong, or none is given.
        UnavailableError: The folder cannot be read or written.
    """
    path = settings.data / FOUNDERS_FOLDER / f"{name}.json"
    passphrase = _passphrase(settings, settings.data / FOLDER)
    if create and not path.exists():
        make_private(path.parent)
        evm.save_account(path, passphrase, _new_account())
    try:
        return evm.open_account(path, passphrase)
    except NotFoundError:
        raise NotFoundError(
            "founder-missing",
            f"{path} is not there: a registry is founded anew by the same organisations. Put both founders' "
            "files back for this start, or restore the chain's folder from a copy",
        ) from None


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can look into, unless it is there.

    Raises:
        UnavailableError: It cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError("cannot-write", f"{folder} cannot be made: {error.strerror}") from None


def _passphrase(settings: Settings, folder: Path, *, create: bool = False) -> str:
    if settings.passphrase is not None:
        return settings.passphrase
    path = folder / _PASSPHRASE
    try:
        return secret_file.read(path).decode().strip()
    except NotFoundError:
        if any((folder / name).exists() for name in _FILES):
            message = f"set CORRIDOR_PASSPHRASE: the keys in {folder} are encrypted and {path} is not there"
            raise UsageError("no-passphrase", message) from None
        if not create:
            raise
    except UnicodeDecodeError:
        raise UsageError("bad-passphrase", f"{path} is not UTF-8") from None
    passphrase = secrets.token_urlsafe(24)
    secret_file.write_new(path, passphrase.encode())
    return passphrase


def _new_account() -> LocalAccount:
    account: LocalAccount = Account.create(secrets.token_bytes(32))
    return account
