"""`corridor statement submit`: handing statements to a running ledger."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.drafts import read_statement
from ledger.cli.errors import REFUSED, report
from ledger.cli.options import Json, argument, option
from ledger.cli.output import emit, say
from ledger.domain.errors import (
    CorridorError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from ledger.domain.fields import natural

if TYPE_CHECKING:
    import httpx

ROUTE = "/v1/statements"
TIMEOUT = 30.0
PROBLEM = "urn:corridor:problem:"
_MAX_ANSWER = 65_536
# Too slow, too early, too much at once: the same request may do later.
_LATER = (408, 425, 429)


def submit(
    *,
    files: Annotated[list[Path], argument("FILE...", "Statement files.")],
    to: Annotated[str, option("URL", "Where the ledger is, as `corridor up` prints it.")],
    as_json: Json = False,
) -> None:
    """Submit statements to a ledger, in this order. The same statement again does no harm.

    For each one its id and its place in the log are printed. It is on record then; it has a receipt as soon
    as a checkpoint covers it. One that is refused does not hold up the others.

    Example:

        corridor statement submit seal.statement --to http://127.0.0.1:8700
    """
    import httpx

    if not to.startswith(("http://", "https://")):
        raise UsageError("bad-url", "--to must be a URL that begins with http:// or https://")
    read = [(file, *read_statement(file)) for file in files]
    accepted, refused = [], False
    with httpx.Client(timeout=TIMEOUT) as client:
        for file, statement_file, statement in read:
            try:
                place = _submit(client, to.rstrip("/") + ROUTE, statement_file.encode(), statement.id)
            except (PolicyError, VerificationError) as error:
                report(type(error)(error.code, f"{file}: {error.message}", field=error.field))
                refused = True
                continue
            accepted.append({"file": str(file), **place})
            if not as_json:
                say(f"{place['id']}  {place['index']}{'  (was there already)' * place['duplicate']}")
    if as_json:
        emit(accepted)
    if refused:
        raise typer.Exit(REFUSED)


def _submit(client: "httpx.Client", url: str, body: bytes, identifier: bytes) -> dict[str, Any]:
    """Submit one statement and return `id`, `index` and `duplicate` of the answer.

    Raises:
        PolicyError: The ledger refuses it.
        VerificationError: What it answers is about another statement, or is no answer.
        UnavailableError: It cannot be reached or cannot take anything now.
    """
    import httpx

    from ledger.domain.statement import FILE_MEDIA_TYPE

    try:
        with client.stream("POST", url, content=body, headers={"Content-Type": FILE_MEDIA_TYPE}) as response:
            answer = _read(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        what = str(error) or type(error).__name__
        raise UnavailableError(
            "ledger-unreachable",
            f"the ledger at {url} cannot be reached ({what}); submit the same again later",
        ) from None
    if not response.is_success:
        raise _refusal(response.status_code, answer)
    if answer.get("id") != identifier.hex() or not isinstance(answer.get("duplicate"), bool):
        raise VerificationError(
            "wrong-answer", f"{url} does not answer like a ledger that has this statement"
        )
    place = natural(answer.get("index"), "index")
    return {"id": identifier.hex(), "index": place, "duplicate": answer["duplicate"]}


def _read(response: "httpx.Response") -> Mapping[str, Any]:
    """Return the JSON object of an answer, an empty one for anything else."""
    from ledger.domain import strict_json
    from ledger.domain.errors import MalformedError

    data = b""
    for part in response.iter_bytes():
        data += part
        if len(data) > _MAX_ANSWER:
            return {}
    try:
        value = strict_json.loads(data, max_bytes=_MAX_ANSWER)
    except MalformedError:
        return {}
    return value if isinstance(value, dict) else {}


def _refusal(status: int, problem: Mapping[str, Any]) -> CorridorError:
    """Return the error that a problem document says (RFC 9457)."""
    kind, detail, field = (str(problem.get(name, ""))[:400] for name in ("type", "detail", "field"))
    code = kind.removeprefix(PROBLEM) if kind.startswith(PROBLEM) else f"http-{status}"
    message = detail or f"the ledger answers {status} and does not say why; is it one?"
    if status >= 500 or status in _LATER:
        return UnavailableError(code, f"{message} (submit the same again later)")
    return PolicyError(code, message, field=field or None)
