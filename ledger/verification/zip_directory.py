"""Reading the directory of a container: what is wrong with one is said before any of it is used."""

import itertools
import os
import re
import zipfile
from struct import error as StructError  # noqa: N812
from typing import BinaryIO

from ledger.domain.errors import MalformedError
from ledger.verification.manifest import MAX_MEMBERS, MAX_NAME, is_member_name
from ledger.verification.zip_layout import (
    CENTRAL_SIZE,
    COMMENT_SIZE,
    END_SIGNATURE,
    END_SIZE,
    MAX_SIZE,
    End,
    Entry,
    parse_end,
)

_MAX_DIRECTORY = MAX_MEMBERS * (CENTRAL_SIZE + MAX_NAME)
_COMMENT = re.compile(rb"[0-9a-f]{64}")
_ZIP64_EXTRA = b"\x01\x00"
_ENCRYPTED = 1


def read_directory(file: BinaryIO) -> tuple[list[Entry], bytes]:
    """Return the members that the directory of a container lists, and the ZIP comment.

    That the bytes of the directory are the only possible ones is for the caller to compare.

    Args:
        file: The whole ZIP, seekable.

    Raises:
        MalformedError: Not a ZIP, or one with something in it that no container has.
    """
    size = file.seek(0, os.SEEK_END)
    comment = _check_end(file, size)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, StructError, OverflowError) as error:
        raise MalformedError("zip-directory", f"the ZIP directory cannot be read: {error}") from None
    entries = [_entry(info) for info in infos]
    for before, after in itertools.pairwise(entries):
        if before.name == after.name:
            raise MalformedError("zip-duplicate", f"the ZIP has two members called {after.name.decode()}")
        if before.name > after.name:
            raise MalformedError(
                "zip-order",
                f"the ZIP members {before.name.decode()} and {after.name.decode()} are out of order",
            )
    return entries, comment


def _check_end(file: BinaryIO, size: int) -> bytes:
    length = END_SIZE + COMMENT_SIZE
    if size > MAX_SIZE:
        raise MalformedError("too-large", "the file has 4 GiB or more; no container does")
    file.seek(max(0, size - length))
    record = file.read(length)
    if len(record) < length or not record.startswith(END_SIGNATURE):
        file.seek(0)
        if not zipfile.is_zipfile(file):
            raise MalformedError("not-zip", "this is not a ZIP file, or its end is missing")
        raise MalformedError(
            "zip-end",
            "the ZIP does not end with a comment of 64 characters: it is no dossier, or bytes follow it",
        )
    end = parse_end(record)
    comment = record[END_SIZE:]
    if not _COMMENT.fullmatch(comment) or end.comment_size != COMMENT_SIZE:
        raise MalformedError("zip-end", "the ZIP comment is not a hash in 64 lower-case hexadecimal digits")
    _check_end_record(end, size - length)
    return comment


def _check_end_record(end: End, directory_end: int) -> None:
    if 0xFFFF in (end.disk, end.entries, end.disk_entries) or MAX_SIZE in (
        end.directory_size,
        end.directory_offset,
    ):
        raise MalformedError("zip-zip64", "the ZIP uses ZIP64, which no container does")
    if end.disk or end.directory_disk or end.entries != end.disk_entries:
        raise MalformedError("zip-disks", "the ZIP is split over several files, which no container is")
    if end.entries > MAX_MEMBERS or end.directory_size > _MAX_DIRECTORY:
        raise MalformedError("too-many-members", f"the ZIP has more than {MAX_MEMBERS} members")
    if end.directory_offset + end.directory_size != directory_end:
        raise MalformedError(
            "zip-gap", "bytes stand before the first member of the ZIP, or between its directory and its end"
        )


def _entry(info: zipfile.ZipInfo) -> Entry:
    name = info.orig_filename
    shown = f"{name[:80]!a}"
    if not is_member_name(name):
        raise MalformedError("zip-name", f"a ZIP member has a name that no container member has: {shown}")
    if info.flag_bits & _ENCRYPTED:
        raise MalformedError("zip-encrypted", f"the ZIP member {shown} is encrypted; containers are not")
    if info.compress_type != zipfile.ZIP_STORED:
        raise MalformedError(
            "zip-compressed", f"the ZIP member {shown} is compressed; container members are stored"
        )
    if info.extra.startswith(_ZIP64_EXTRA):
        raise MalformedError("zip-zip64", f"the ZIP member {shown} uses ZIP64, which no container does")
    if info.extra or info.comment:
        raise MalformedError(
            "zip-extra", f"the ZIP member {shown} has an extra field or a comment; leave it out"
        )
    if info.file_size != info.compress_size:
        raise MalformedError("zip-header", f"the ZIP member {shown} has two different sizes")
    return Entry(name.encode(), info.CRC, info.file_size)
