"""JSON: status messages (DCSA), events (EPCIS), W3C credentials, temperature logs, own records."""

from functools import cache
from typing import Any, BinaryIO

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError
from ledger.readers import claims
from ledger.readers.formats import dcsa, epcis, own_json, reefer_log, traceability
from ledger.readers.papers import Paper, rows_of, text_of
from ledger.readers.reading import Reading
from ledger.readers.registry import Context

NAME = "json"
FORMAT = "JSON"

_MAX_BYTES = 16 * 1024 * 1024
_MAX_MEMBERS = 40
_WRONG = {
    "too-large": f"the JSON has more than {_MAX_BYTES} bytes; so much is not read",
    "json-encoding": "the JSON is not UTF-8, or begins with a byte order mark",
    "json-depth": "the JSON nests too deep",
    "json-duplicate": "a member occurs twice in one object: readers would differ in what it says",
    "json-number": "a number in the JSON is out of range",
}


@cache
def version() -> str:
    """Return the version of this reader."""
    return "2"


def prepare() -> None:
    """Nothing is loaded late."""


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item begins as a JSON object or array does."""
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return size > 1 and begin in {b"{", b"["} and b"\0" not in head


def read(source: BinaryIO, context: Context) -> Reading:
    """Return what a document says; of one of another kind the names of its members.

    Raises:
        MalformedError: No JSON that has one reading.
    """
    source.seek(0)
    try:
        value = strict_json.loads(source.read(_MAX_BYTES + 1), max_bytes=_MAX_BYTES)
    except MalformedError as error:
        # Messages are kept in the clear: they must not quote the item.
        raise MalformedError(error.code, _WRONG.get(error.code, "the item is not well-formed JSON")) from None
    wrong = (
        claims.media_type(context, ("application/json",)) if not context.media_type.endswith("+json") else ()
    )
    if (log := _log(value)) is not None:
        found, odd = reefer_log.summary(*log)
        number = text_of(value.get("container"))
        about = {"container": (number or "")[:20], "log": found}
        wrong += (*odd, *claims.container(context, [number] if number else []))
        return Reading(NAME, version(), "temperature-log", about, wrong)
    kind, paper, more = _paper(value)
    if paper is None:
        return Reading(NAME, version(), FORMAT, more, wrong)
    found = {"paper": paper.to_json(), **more}
    return Reading(NAME, version(), kind, found, wrong + paper.complained(context))


def _paper(value: Any) -> tuple[str, Paper | None, dict[str, Any]]:
    """Return the name of the format, what is said in it, and what else was found."""
    if (happened := epcis.events(value)) is not None:
        sensed = sum("sensorElementList" in each for each in happened)
        return "EPCIS-2.0", epcis.paper(happened), {"events": len(happened), "with_sensors": sensed}
    if traceability.is_credential(value):
        proof = "present-not-verified" if value.get("proof") else "absent"
        return "W3C-credential", traceability.paper(value), {"proof": proof}
    if messages := dcsa.events(value):
        return "DCSA-event", dcsa.paper(messages), {"events": len(messages)}
    if isinstance(value, dict):
        if (own := own_json.paper(value)) is not None:
            return FORMAT, own, {}
        return FORMAT, None, {"members": [each[:60] for each in list(value)[:_MAX_MEMBERS]]}
    return FORMAT, None, {"rows": len(value) if isinstance(value, list) else 1}


def _log(value: Any) -> tuple[list[Any], str] | None:
    """Return the lines of a temperature log and the name of their time, None for anything else."""
    rows = list(rows_of(value.get("readings"))) if isinstance(value, dict) else []
    column = reefer_log.time_column(rows[0]) if rows else None
    return None if column is None else (rows, column)
