"""What routes ask for: who calls, which page is wanted, and that no parameter is misspelt."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from fastapi import Depends, Query, Request, params
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.utils import get_flat_params
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from fastapi.security.utils import get_authorization_scheme_param

from api.rates import Allowance
from ledger.access import Caller, Cursors, Sessions
from ledger.domain.errors import AccessError, MalformedError, PolicyError

__all__ = [
    "AtHand",
    "Caller",
    "Cursor",
    "Limit",
    "Page",
    "Paged",
    "Session",
    "Signed",
    "known_query",
    "page_of",
    "pages",
    "promptly",
    "token_of",
]

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
T = TypeVar("T")
P = ParamSpec("P")
AtHand = Callable[[], bool]
"""Tells whether a short read waits for nobody now."""
Signed = Callable[..., Caller | Awaitable[Caller]]
"""A dependency that gives the caller, or refuses."""


class _Bearer(SecurityBase):
    """Finds the token of a session, and tells the OpenAPI document that a route needs one.

    What asks for the token is one dependency and not three behind each other: following them takes FastAPI
    longer than the session's lookup.
    """

    def __init__(self) -> None:
        self.model = HTTPBearer(
            bearerFormat="opaque",
            description="The token of a session opened with a signed challenge, or with an ID token",
        )
        self.scheme_name = "session"

    def token(self, request: Request) -> str:
        """Return the bearer token of a request.

        Raises:
            AccessError: There is none.
        """
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "bearer" or not token:
            raise AccessError(
                "session-missing",
                "this needs a session: open one with a signed challenge (/v1/challenges, /v1/sessions) or an "
                "ID token (/v1/sessions/oidc), and send `Authorization: Bearer TOKEN`",
                field="Authorization",
            )
        return token


class _Token(_Bearer):
    async def __call__(self, request: Request) -> str:
        """Return the bearer token of a request; raises as `token`."""
        return self.token(request)


token_of = _Token()
"""The dependency that gives the bearer token of a request."""


async def promptly(is_at_hand: AtHand, read: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Return what a short read returns: read here and now when it waits for nobody, else by a thread.

    Handing it to a thread takes several times as long as reading it.
    """
    if is_at_hand():
        return read(*arguments, **named)
    return await run_in_threadpool(read, *arguments, **named)


class Session(_Bearer):
    """The dependency that gives the caller of a request: `Annotated[Caller, Depends(signed)]`.

    Args:
        sessions: Of the service.
        allowance: How often an organisation may ask.
        is_at_hand: Of the service.
        devices: Whether devices may ask this, too.
        officers: Whether officers may do this though it changes something; what only reads they may ask.
    """

    def __init__(
        self,
        sessions: Sessions,
        allowance: Allowance,
        is_at_hand: AtHand,
        *,
        devices: bool = False,
        officers: bool = False,
    ) -> None:
        super().__init__()
        self._sessions = sessions
        self._allowance = allowance
        self._is_at_hand = is_at_hand
        self._devices = devices
        self._officers = officers

    async def __call__(self, request: Request) -> Caller:
        """Return who asks.

        Raises:
            AccessError: There is no session, or none any more.
            PolicyError: It may not be asked under this one.
            TooManyRequests: Its organisation asks too often.
            UnavailableError: The registry or the database cannot be asked now.
        """
        caller = await promptly(self._is_at_hand, self._sessions.caller, self.token(request))
        request.state.caller = caller
        self._allowance.take(caller.organisation)
        if caller.only_reads and not self._officers and request.method not in _READING:
            raise PolicyError(
                "officer-session",
                "this session is of an officer who signed in at an identity provider, and reads; what is "
                "said in your organisation's name needs its key",
                field="Authorization",
            )
        if caller.is_device and not self._devices:
            raise PolicyError(
                "device-session",
                "this session is of a device's key, which sends evidence and reads what it signed itself; "
                "ask with a key for statements",
                field="Authorization",
            )
        return caller


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
