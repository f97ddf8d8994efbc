"""Reading the settings of a drop from TOML: all that is wrong is told at once, with what to do about it."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from ledger.domain import fields
from ledger.domain.errors import CorridorError, MalformedError, NotFoundError, UnavailableError, UsageError
from ledger.domain.evidence import Label
from ledger.domain.statement_payload import name_of_kind
from ledger.domain.subject import TAG_SIZE, Subject
from ledger.drops.settings import REMOVE, SIDECAR, DropConfig, Reads, Rule, SftpAccess, Source, Whole
from ledger.evidence.sealing import recipients_of
from ledger.readers.anchors import MAX_BYTES as MAX_ANCHORS
from ledger.readers.anchors import anchors_in

MAX_BYTES: Final = 262_144
_GIB: Final = 1 << 30
_PARTIAL: Final = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
_DAY: Final = 86_400
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a drop's settings.

    Args:
        where: The setting, such as `rules.0.pattern`.
        message: What is wrong, and what to do.
    """

    where: str
    message: str


class SettingsError(UsageError):
    """The settings of a drop cannot be used.

    Args:
        path: The file.
        problems: All that is wrong.
    """

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        first = problems[0]
        more = f"; {len(problems) - 1} more: see corridor drop check" if len(problems) > 1 else ""
        super().__init__("drop-settings", f"{path}: {first.where}: {first.message}{more}", field=first.where)
        self.problems = tuple(problems)


def load(path: Path) -> DropConfig:
    """Read the settings of a drop; paths in it are taken from its folder.

    Args:
        path: The file.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        SettingsError: What is wrong with it, all of it.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotFoundError("no-file", f"the settings {path} are not there") from None
    except OSError as error:
        raise UnavailableError(
            "cannot-read", f"the settings {path} cannot be read: {error.strerror}"
        ) from None
    if len(data) > MAX_BYTES:
        raise SettingsError(path, [Problem("file", f"it has over {MAX_BYTES} bytes; is it the right one?")])
    try:
        document = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(path, [Problem("file", f"it is no TOML in UTF-8: {error}")]) from None
    problems: list[Problem] = []
    config = _config(_Table(document, "", problems), path.parent)
    if problems:
        raise SettingsError(path, problems)
    return config


class _Table:
    """A table that is read member by member; complaints are gathered, and what is left over is one.

    Args:
        members: The table.
        where: Its place, empty for the document.
        problems: Gets what is wrong.
    """

    def __init__(self, members: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
        self._left = dict(members)
        self._where = where
        self.problems = problems

    def at(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def take(self, name: str, read: Callable[[Any, str], _T], default: _T | None = None) -> _T | None:
        """Return a member that may be absent."""
        if name not in self._left:
            return default
        try:
            return read(self._left.pop(name), self.at(name))
        except CorridorError as error:
            self.problems.append(Problem(self.at(name), error.message))
            return default

    def need(self, name: str, read: Callable[[Any, str], _T], what: str) -> _T:
        """Return a member that has to be there; anything when it is not, for the complaint counts."""
        if name not in self._left:
            self.problems.append(Problem(self.at(name), f"it is missing: {what}"))
            return cast(_T, None)
        return cast(_T, self.take(name, read))

    def done(self) -> None:
        """Complain of members that nobody asked for."""
        for name in self._left:
            self.problems.append(Problem(self.at(str(name)[:80]), "there is no such setting; take it out"))


def _config(table: _Table, base: Path) -> DropConfig:
    def path(value: Any, where: str) -> Path:
        return base / Path(fields.text(value, where, longest=4096)).expanduser()

    def taken(value: Any, where: str) -> Path | None:
        return None if value == REMOVE else path(value, where)

    whole = table.take("whole", _one_of(("quiet", "marker", "renamed")), "quiet")
    config = DropConfig(
        folder=table.need("folder", path, "the folder where files come in"),
        state=table.need("state", path, "a folder of the drop's own, beside the one where files come in"),
        quarantine=table.need("quarantine", path, "a folder for files that cannot be taken"),
        taken=table.need("taken", taken, f'a folder for files that are on record, or "{REMOVE}"'),
        key=table.need("key", path, "the key file of the device"),
        passphrase_file=table.take("passphrase_file", path),
        iss=table.take("iss", fields.organisation),
        url=table.need("url", _text, "where the ledger is, such as https://ledger.example"),
        genesis=table.need("genesis", path, "the genesis document of the ledger's log"),
        recipients=table.need("recipients", _recipients, "age recipients that may read the items"),
        rules=table.need(
            "rules", _tables(partial(_rule, base=base), table.problems), "one [[rules]] for each sort of file"
        ),
        trips=table.take("trips", path),
        subject=table.take("subject", Subject.parse),
        stream=table.take("stream", _tag),
        place=table.take("place", _text),
        clock_offset_s=table.take("clock_offset_s", _number),
        whole=cast(Whole, whole),
        quiet_seconds=cast(float, table.take("quiet_seconds", _seconds, 10.0)),
        marker=cast(str, table.take("marker", _suffix, ".done")),
        partial=cast(tuple[str, ...], table.take("partial", _suffixes, _PARTIAL)),
        poll_seconds=cast(float, table.take("poll_seconds", _seconds, 2.0)),
        sftp=table.take("sftp", _table(_sftp, table.problems)),
    )
    if (config.subject is None) != (config.stream is None):
        table.problems.append(Problem("stream", "subject and stream stand together, or neither does"))
    table.done()
    return config


def _rule(table: _Table, base: Path) -> Rule:
    media_type = table.need("media_type", _text, "what the files are, such as image/png")
    category = table.need("category", _text, "what they are called, such as scan")
    label = Label("application/octet-stream", "other")
    try:
        # What is missing was complained of already.
        label = Label.parse(media_type or label.media_type, category or label.category)
    except MalformedError as error:
        table.problems.append(Problem(table.at(error.field or "category"), error.message))
    rule = Rule(
        pattern=table.need("pattern", _text, "which names, such as *.n42"),
        kind=table.need("kind", name_of_kind, "the kind of statement, such as radiation"),
        label=label,
        sources=cast(tuple[Source, ...], table.take("subject", _sources, ("sidecar", "name", "reader"))),
        read=cast(Reads, table.take("read", _one_of(("required", "if-possible", "no")), "required")),
        max_bytes=cast(int, table.take("max_bytes", _count, 4 * _GIB)),
        expects_c2pa=table.take("c2pa", _one_of(("expected",))) is not None,
        anchors=cast(str, table.take("anchors", partial(_anchors, base), "")),
    )
    if rule.read == "no" and (rule.expects_c2pa or rule.anchors):
        table.problems.append(Problem(table.at("c2pa"), 'nobody looks for manifests where read is "no"'))
    table.done()
    return rule


def _sftp(table: _Table) -> SftpAccess:
    access = SftpAccess(
        user=table.need("user", _user, "the name of the device"),
        keys=table.need("keys", _texts, "its public keys, as ssh-keygen writes them"),
        max_bytes=cast(int, table.take("max_bytes", _count, 4 * _GIB)),
        max_files=cast(int, table.take("max_files", _count, 1000)),
        max_seconds=cast(int, table.take("max_seconds", _count, _DAY)),
        idle_seconds=cast(int, table.take("idle_seconds", _count, 300)),
    )
    table.done()
    return access


def _table(read: Callable[[_Table], _T], problems: list[Problem]) -> Callable[[Any, str], _T]:
    def reading(value: Any, where: str) -> _T:
        if not isinstance(value, dict):
            raise MalformedError("malformed-field", f"it must be a table: [{where}]", field=where)
        return read(_Table(value, where, problems))

    return reading


def _tables(read: Callable[[_Table], _T], problems: list[Problem]) -> Callable[[Any, str], tuple[_T, ...]]:
    def reading(value: Any, where: str) -> tuple[_T, ...]:
        if not isinstance(value, list) or not value:
            raise MalformedError("malformed-field", f"write at least one [[{where}]]", field=where)
        one = _table(read, problems)
        return tuple(one(table, f"{where}.{number}") for number, table in enumerate(value))

    return reading


def _anchors(base: Path, value: Any, where: str) -> str:
    path = base / _text(value, where)
    try:
        with path.open("rb") as file:
            return anchors_in(file.read(MAX_ANCHORS + 1))
    except OSError as error:
        raise MalformedError("anchors", f"{path} cannot be read: {error.strerror}", field=where) from None


def _text(value: Any, where: str) -> str:
    return fields.text(value, where, longest=2000)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(one, where) for one in fields.array(value, where))


def _recipients(value: Any, where: str) -> tuple[str, ...]:
    texts = _texts(value, where)
    recipients_of(texts)
    return texts


def _tag(value: Any, where: str) -> bytes:
    return fields.from_hex(value, TAG_SIZE, where)


def _one_of(known: tuple[str, ...]) -> Callable[[Any, str], str]:
    def reading(value: Any, where: str) -> str:
        if value not in known:
            raise MalformedError("malformed-field", f"it must be one of {', '.join(known)}", field=where)
        return str(value)

    return reading


def _sources(value: Any, where: str) -> tuple[str, ...]:
    listed = fields.array(value, where)
    return tuple(_one_of(("sidecar", "name", "reader"))(one, where) for one in listed)


def _number(value: Any, where: str) -> float:
    if type(value) not in (int, float) or not abs(value) <= 10**9:
        raise MalformedError("malformed-field", "it must be a number of seconds", field=where)
    return float(value)


def _seconds(value: Any, where: str) -> float:
    if not 0 <= (seconds := _number(value, where)) <= _DAY:
        raise MalformedError("malformed-field", "it must be 0 to 86400 seconds", field=where)
    return seconds


def _count(value: Any, where: str) -> int:
    if fields.natural(value, where) == 0:
        raise MalformedError("malformed-field", "it must be at least 1", field=where)
    return int(value)


def _suffix(value: Any, where: str) -> str:
    text = _text(value, where).lower()
    if not text.startswith(".") or "/" in text or text == SIDECAR:
        raise MalformedError("malformed-field", "it must be the end of a name, such as .done", field=where)
    return text


def _suffixes(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_suffix(one, where) for one in fields.array(value, where))


def _user(value: Any, where: str) -> str:
    text = fields.text(value, where, longest=32)
    if not text.isascii() or not text.replace("-", "").replace("_", "").isalnum():
        raise MalformedError("malformed-field", "it must be letters, digits, - and _", field=where)
    return text
