"""SFTP for devices: each with its own key into its own folder, where it may put files, and nothing else."""

import asyncio
import logging
import stat
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh
from asyncssh import (
    FXF_EXCL,
    FXF_READ,
    FXF_TRUNC,
    FXF_WRITE,
    SFTPAttrs,
    SFTPFailure,
    SFTPName,
    SFTPNoSuchFile,
    SFTPPermissionDenied,
)

from ledger.domain.errors import CorridorError, MalformedError, NotFoundError, UnavailableError, UsageError
from ledger.drops.folder import plain_name
from ledger.drops.settings import DropConfig, SftpAccess
from ledger.drops.upload_only import UploadOnly
from ledger.drops.uploads import Upload, Uploads
from ledger.keys import secret_file

HOST: Final = "127.0.0.1"
_LOGIN_SECONDS: Final = 30
_FOLDERS: Final = (b"", b".", b"/", b"/.", b"./")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that brings files.

    Args:
        access: What it may.
        keys: Its public keys.
        uploads: Its folder.
    """

    access: SftpAccess
    keys: tuple[asyncssh.SSHKey, ...]
    uploads: Uploads

    @classmethod
    def of(cls, config: DropConfig) -> "Device":
        """Return the device of a drop.

        Raises:
            UsageError: Its settings say nothing of SFTP, or a key is none.
            UnavailableError: Its folder cannot be used.
        """
        access = config.sftp
        if access is None:
            raise UsageError("no-sftp", f"the drop of {config.folder} has no [sftp] in its settings")
        uploads = Uploads(config, access)
        try:
            uploads.recover()
            return cls(access, tuple(map(asyncssh.import_public_key, access.keys)), uploads)
        except (asyncssh.KeyImportError, ValueError):
            raise UsageError(
                "sftp-key",
                f"a key of {access.user} is none; give one line as ssh-keygen writes it: ssh-ed25519 …",
            ) from None
        except OSError as error:
            raise UnavailableError(
                "cannot-write", f"{config.folder} cannot be used: {error.strerror}"
            ) from None


def host_key(path: Path) -> asyncssh.SSHKey:
    """Return the key by which devices know the server; it is made when it is not there.

    Args:
        path: The file, as `ssh-keygen` writes it, without a passphrase.

    Raises:
        UsageError: It holds no such key.
        UnavailableError: It cannot be read or written.
    """
    if not path.exists():
        secret_file.write_new(path, asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    try:
        return asyncssh.read_private_key(path)
    except asyncssh.KeyImportError:
        raise UsageError("host-key", f"{path} holds no private key without a passphrase") from None
    except OSError as error:
        raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None


@asynccontextmanager
async def serving(devices: Sequence[Device], key: asyncssh.SSHKey, port: int) -> AsyncIterator[int]:
    """Serve devices while a block runs, and give the port.

    Args:
        devices: With different users.
        key: Of the server.
        port: Of 127.0.0.1; 0 takes a free one.

    Raises:
        UsageError: Two devices have one user.
        UnavailableError: The port cannot be used.
    """
    known = {one.access.user: one for one in devices}
    if len(known) < len(devices):
        raise UsageError("same-user", "two drops have the same SFTP user; give each device its own")
    try:
        server = await asyncssh.create_server(
            lambda: _Door(known),
            HOST,
            port,
            server_host_keys=[key],
            sftp_factory=lambda channel: _Session(channel, known[str(channel.get_extra_info("username"))]),
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
            password_auth=False,
            kbdint_auth=False,
            gss_host=None,
            login_timeout=_LOGIN_SECONDS,
            keepalive_interval=_LOGIN_SECONDS,
        )
    except OSError as error:
        raise UnavailableError("port", f"port {port} cannot be used: {error.strerror}") from None
    async with server:
        yield server.get_port()


class _Door(asyncssh.SSHServer):
    """Lets devices in by their keys; there is no shell, no command and no way on to anywhere."""

    def __init__(self, devices: Mapping[str, Device]) -> None:
        self._devices = devices

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        device = self._devices.get(username)
        return device is not None and key in device.keys


class _Session(UploadOnly):
    """What a device may do: look at its own folder, and put files into it.

    A file is finished when the device closes it. When the connection ends first, it stays unfinished, and
    the device goes on where it stopped.
    """

    def __init__(self, channel: "asyncssh.SSHServerChannel[bytes]", device: Device) -> None:
        super().__init__(channel)
        self._device = device
        self._uploads = device.uploads
        self._loop = asyncio.get_running_loop()
        self._over = False
        self._active = self._loop.time()
        self._timers = [self._loop.call_later(device.access.max_seconds, self._end)]
        self._watch()

    def open(self, path: bytes, pflags: int, _attrs: SFTPAttrs) -> Upload:
        if pflags & FXF_READ or not pflags & FXF_WRITE:
            raise SFTPPermissionDenied("files are put here and not fetched")
        with self._refusing():
            name = self._uploads.name_of(path)
            upload = self._uploads.begin(name, anew=bool(pflags & FXF_TRUNC or pflags & FXF_EXCL))
        _log.info("%s begins %s", self._device.access.user, plain_name(name))
        return upload

    def close(self, file_obj: object) -> None:
        upload = _upload(file_obj)
        with self._refusing():
            self._uploads.settle(upload)
        # When the connection ends, files are closed just like that, and `exit` comes in the same breath:
        # before anything that is called soon.
        self._loop.call_soon(self._finish, upload.name)

    def exit(self) -> None:
        self._over = True
        for timer in self._timers:
            timer.cancel()

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        with self._refusing():
            return _upload(file_obj).write(offset, data)

    def stat(self, path: bytes) -> SFTPAttrs:
        if path in _FOLDERS:
            return SFTPAttrs(permissions=stat.S_IFDIR | 0o700, size=0)
        with self._refusing():
            return _file(self._uploads.size(self._uploads.name_of(path)))

    def lstat(self, path: bytes) -> SFTPAttrs:
        return self.stat(path)

    def fstat(self, file_obj: object) -> SFTPAttrs:
        with self._refusing():
            return _file(_upload(file_obj).size)

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        if path not in _FOLDERS:
            raise SFTPNoSuchFile("there is one folder")
        with self._refusing():
            sizes = {}
            for name in self._uploads.names():
                with suppress(NotFoundError):
                    sizes[name] = self._uploads.size(name)
        for name, size in sizes.items():
            yield SFTPName(name.encode("utf-8", "replace"), attrs=_file(size))

    def realpath(self, path: bytes) -> bytes:
        return b"/" if path in _FOLDERS else b"/" + path.removeprefix(b"/").removeprefix(b"./")

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        with self._refusing():
            self._uploads.rename(self._uploads.name_of(oldpath), self._uploads.name_of(newpath))

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self.rename(oldpath, newpath)

    def _finish(self, name: str) -> None:
        if self._over:
            _log.info("%s broke off %s", self._device.access.user, plain_name(name))
            return
        try:
            self._uploads.finish(name)
        except OSError as error:
            _log.warning("%s cannot be finished: %s", plain_name(name), error.strerror)
        else:
            _log.info("%s put %s", self._device.access.user, plain_name(name))

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Say in the words of SFTP what is refused; any request shows that the device is there."""
        self._active = self._loop.time()
        try:
            yield
        except NotFoundError as error:
            raise SFTPNoSuchFile(error.message) from None
        except MalformedError as error:
            raise SFTPPermissionDenied(error.message) from None
        except CorridorError as error:
            raise SFTPFailure(error.message) from None
        except OSError as error:
            # Without its file name: paths of this machine are nobody's business.
            raise SFTPFailure(error.strerror or "the disk failed") from None

    def _watch(self) -> None:
        idle = self._device.access.idle_seconds
        if self._loop.time() - self._active >= idle:
            self._end()
            return
        self._timers[1:] = [self._loop.call_later(idle / 4, self._watch)]

    def _end(self) -> None:
        _log.info("the time of %s is over", self._device.access.user)
        self.connection.abort()


def _upload(file_obj: object) -> Upload:
    assert isinstance(file_obj, Upload)
    return file_obj


def _file(size: int) -> SFTPAttrs:
    return SFTPAttrs(size=size, permissions=stat.S_IFREG | 0o600)
