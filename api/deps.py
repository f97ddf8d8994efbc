"""What routes ask for: who calls, which page is wanted, and that no parameter is misspelt."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from weakref import WeakKeyDictionary

from fastapi import Depends, Query, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.rates import Allowance
from ledger.access import Caller, Cursors, Sessions
from ledger.domain.errors import AccessError, MalformedError, PolicyError

__all__ = [
    "Caller",
    "Cursor",
    "Limit",
    "Page",
    "Paged",
    "Signed",
    "known_query",
    "page_of",
    "pages",
    "session",
    "token_of",
]

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
T = TypeVar("T")
Signed = Callable[..., Caller]
"""A dependency that gives the caller, or refuses."""

_BEARER = HTTPBearer(
    bearerFormat="opaque",
    scheme_name="session",
    description="The token of a session opened with a signed challenge, or with an ID token",
    auto_error=False,
)


async def token_of(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> str:
    """Return the bearer token of a request.

    Raises:
        AccessError: There is none.
    """
    if credentials is None:
        raise AccessError(
            "session-missing",
            "this needs a session: open one with a signed challenge (/v1/challenges, /v1/sessions) or an ID "
            "token (/v1/sessions/oidc), and send `Authorization: Bearer TOKEN`",
            field="Authorization",
        )
    return credentials.credentials


def session(
    sessions: Sessions, allowance: Allowance, *, devices: bool = False, officers: bool = False
) -> Signed:
    """Return the dependency that gives the caller of a request: `Annotated[Caller, Depends(signed)]`.

    Args:
        sessions: Of the service.
        allowance: How often an organisation may ask.
        devices: Whether devices may ask this, too.
        officers: Whether officers may do this though it changes something; what only reads they may ask.
    """

    def signed(request: Request, token: Annotated[str, Depends(token_of)]) -> Caller:
        caller = sessions.caller(token)
        request.state.caller = caller
        allowance.take(caller.organisation)
        if caller.only_reads and not officers and request.method not in _READING:
            raise PolicyError(
                "officer-session",
                "this session is of an officer who signed in at an identity provider, and reads; what is "
                "said in your organisation's name needs its key",
                field="Authorization",
            )
        if caller.is_device and not devices:
            raise PolicyError(
                "device-session",
                "this session is of a device's key, which sends evidence and reads what it signed itself; "
                "ask with a key for statements",
                field="Authorization",
            )
        return caller

    return signed


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list is wanted.

    Args:
        limit: How many items at most.
        after: What the page comes after, as it was given to `of`; None for the first page.
    """

    limit: int
    after: Any
    _cursors: Cursors = field(repr=False)
    _question: Sequence[str] = field(repr=False)

    @property
    def look(self) -> int:
        """How many items to look for: one more than the page has tells whether another page follows."""
        return self.limit + 1

    def cursor(self, after: Any) -> str | None:
        """Return the cursor of the page that comes after something; null on the last one."""
        return None if after is None else self._cursors.write(after, self._question)

    def of(
        self, found: Sequence[T], show: Callable[[T], dict[str, Any]], place: Callable[[T], Any]
    ) -> dict[str, Any]:
        """Return the page as JSON: `items`, and `next`, the cursor of the next page or null.

        Args:
            found: What was found after `after`, up to `look` items.
            show: Returns an item as JSON.
            place: Returns what a page comes after that goes on behind an item: numbers, texts, or a list.
        """
        shown = found[: self.limit]
        more = len(found) > self.limit
        cursor = self._cursors.write(place(shown[-1]), self._question) if more else None
        return {"items": [show(one) for one in shown], "next": cursor}


Paged = Callable[..., Awaitable[Page]]
"""A dependency that gives the page that is wanted."""
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="items a page")]
Cursor = Annotated[str | None, Query(description="`next` of the page before")]


def pages(signed: Signed, cursors: Cursors) -> Paged:
    """Return the dependency that reads `limit` and `cursor`: `Annotated[Page, Depends(page)]`.

    A cursor is good for the same path and parameters, asked by the same organisation.

    Args:
        signed: Gives the caller.
        cursors: Of the service.
    """

    async def page(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page:
        return page_of(cursors, request, caller, limit, cursor)

    return page


def page_of(cursors: Cursors, request: Request, caller: Caller, limit: int, cursor: str | None) -> Page:
    """Return the page that a request wants; see `pages`.

    Raises:
        MalformedError: The cursor was given out for something else.
    """
    asked = sorted((k, v) for k, v in request.query_params.multi_items() if k not in ("limit", "cursor"))
    question = [caller.organisation, request.scope["path"], *(part for pair in asked for part in pair)]
    after = None if cursor is None else cursors.read(cursor, question)
    return Page(limit, after, cursors, question)


_KNOWN: WeakKeyDictionary[Callable[..., Any], frozenset[str]] = WeakKeyDictionary()


async def known_query(request: Request) -> None:
    """Refuse a request with a query parameter that its route does not have, or that is there twice.

    Raises:
        MalformedError: It has one; the field names it.
    """
    if not request.scope["query_string"]:
        return
    names = [name for name, _ in request.query_params.multi_items()]
    known = _parameters(request.scope.get("route"))
    for name in names:
        if name not in known:
            allowed = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            raise MalformedError(
                "unknown-parameter",
                f"the query has an unknown parameter {name[:80]!r}; {allowed}",
                field=name[:80],
            )
        if names.count(name) > 1:
            raise MalformedError("duplicate-parameter", f"{name} is there more than once", field=name)


def _parameters(route: object) -> Collection[str]:
    if not isinstance(route, APIRoute):
        return ()
    known = _KNOWN.get(route.endpoint)
    if known is None:
        flat = get_flat_params(route.dependant)
        known = frozenset(one.alias for one in flat if isinstance(one.field_info, params.Query))
        known |= {one["name"] for one in (route.openapi_extra or {}).get("parameters", ())}
        _KNOWN[route.endpoint] = known
    return known
