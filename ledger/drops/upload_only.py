"""What SFTP knows and a drop does not: refused one by one, so that nothing of the library is left."""
# ruff: noqa: ARG002 - the arguments are those of the methods that are refused

from typing import NoReturn

import asyncssh
from asyncssh import SFTPAttrs, SFTPOpUnsupported, SFTPPermissionDenied


class UploadOnly(asyncssh.SFTPServer):
    """A server of files that takes nothing away, shows no content, and makes no links and no folders."""

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: SFTPAttrs) -> NoReturn:
        raise SFTPOpUnsupported("speak version 3 of SFTP, as everybody does")

    def read(self, file_obj: object, offset: int, size: int) -> NoReturn:
        _refuse()

    def remove(self, path: bytes) -> NoReturn:
        _refuse()

    def mkdir(self, path: bytes, attrs: SFTPAttrs) -> NoReturn:
        _refuse()

    def rmdir(self, path: bytes) -> NoReturn:
        _refuse()

    def readlink(self, path: bytes) -> NoReturn:
        _refuse()

    def symlink(self, oldpath: bytes, newpath: bytes) -> NoReturn:
        _refuse()

    def link(self, oldpath: bytes, newpath: bytes) -> NoReturn:
        _refuse()

    def lock(self, file_obj: object, offset: int, length: int, flags: int) -> NoReturn:
        _refuse()

    def unlock(self, file_obj: object, offset: int, length: int) -> NoReturn:
        _refuse()

    def statvfs(self, path: bytes) -> NoReturn:
        _refuse()

    def fstatvfs(self, file_obj: object) -> NoReturn:
        _refuse()

    def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Take it and do nothing: programs set times and rights as a matter of course."""

    def lsetstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Do as `setstat`."""

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        """Do as `setstat`."""

    def fsync(self, file_obj: object) -> None:
        """Take it: a file is brought to the disk when it is closed."""


def _refuse() -> NoReturn:
    raise SFTPPermissionDenied("files are put here, and nothing else")
