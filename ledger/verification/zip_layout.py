"""The bytes round the members of a container: one possible ZIP for given members (formats, section 10).

Written out by hand because Python's `zipfile` goes over to ZIP64 from 2 GiB on, sets permission bits, and may
change between versions; here the bytes are the format. Field names and order are those of PKWARE's APPNOTE
6.3, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

VERSION = 20
DOS_TIME = 0x0000
DOS_DATE = 0x0021
END_SIZE = 22
COMMENT_SIZE = 64
LOCAL_SIZE = 30
CENTRAL_SIZE = 46
END_SIGNATURE = b"PK\x05\x06"
MAX_SIZE = (1 << 32) - 1

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


class Entry(NamedTuple):
    """One member as the directory lists it: name, CRC-32, number of bytes."""

    name: bytes
    crc: int
    size: int


class End(NamedTuple):
    """The end record, its signature left out."""

    disk: int
    directory_disk: int
    disk_entries: int
    entries: int
    directory_size: int
    directory_offset: int
    comment_size: int


def local_header(entry: Entry) -> bytes:
    """Return what stands before a member's bytes."""
    name, crc, size = entry
    fields = (b"PK\x03\x04", VERSION, 0, 0, DOS_TIME, DOS_DATE, crc, size, size, len(name), 0)
    return _LOCAL.pack(*fields) + name


def tail(entries: Sequence[Entry], comment: bytes) -> bytes:
    """Return what stands after the last member: the central directory and the end record."""
    offset = 0
    directory = []
    for entry in entries:
        name, crc, size = entry
        fields = (b"PK\x01\x02", VERSION, VERSION, 0, 0, DOS_TIME, DOS_DATE, crc, size, size)
        directory.append(_CENTRAL.pack(*fields, len(name), 0, 0, 0, 0, 0, offset) + name)
        offset += LOCAL_SIZE + len(name) + size
    listed = b"".join(directory)
    count = len(entries)
    return listed + _END.pack(END_SIGNATURE, 0, 0, count, count, len(listed), offset, len(comment)) + comment


def total_size(entries: Sequence[Entry], comment: bytes) -> int:
    """Return the size of the whole container in bytes."""
    headers = sum(LOCAL_SIZE + CENTRAL_SIZE + 2 * len(entry.name) + entry.size for entry in entries)
    return headers + END_SIZE + len(comment)


def parse_end(record: bytes) -> End:
    """Return the fields of an end record of at least 22 bytes."""
    return End(*_END.unpack_from(record)[1:])
