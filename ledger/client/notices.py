"""Being told by a ledger what happens: subscriptions, and the stream of events."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Final

from ledger.client.event_stream import frames
from ledger.client.http import wrong_answer
from ledger.client.refusals import LaterError
from ledger.client.service import Service
from ledger.domain import strict_json
from ledger.domain.errors import MalformedError

_PATH: Final = "/v1/subscriptions"
_EVENTS: Final = "/v1/events"
_JSON: Final = {"Content-Type": "application/json"}
_MAX_EVENT: Final = 4 * 1_048_576
_PAUSE, _LONGEST_PAUSE = 2.0, 30.0


def subscribe(service: Service, said: Mapping[str, Any]) -> dict[str, Any]:
    """Subscribe, and return the subscription with its secret, which is shown this once.

    Args:
        service: A ledger.
        said: `name`, and perhaps `events`, `filter` and `url`.

    Raises:
        CorridorError: It is refused, and why, or the service cannot be reached.
    """
    return service.session.ask(
        "POST", _PATH, content=strict_json.dumps(dict(said)), headers=_JSON, once=True
    ).json()


def subscriptions(service: Service) -> Iterator[dict[str, Any]]:
    """Yield the subscriptions of one's organisation; raises as `subscribe`."""
    return service.items(_PATH, {})


def subscription(service: Service, identifier: str) -> dict[str, Any]:
    """Return a subscription; raises as `subscribe`."""
    return service.session.ask("GET", f"{_PATH}/{identifier}").json()


def end(service: Service, identifier: str) -> None:
    """End a subscription; raises as `subscribe`."""
    service.session.ask("DELETE", f"{_PATH}/{identifier}")


def change_secret(service: Service, identifier: str) -> dict[str, Any]:
    """Return a subscription with a new secret, which is shown this once; raises as `subscribe`."""
    return service.session.ask("POST", f"{_PATH}/{identifier}/secret", once=True).json()


def deliveries(service: Service, identifier: str, state: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield what was sent for a subscription, the newest event first; raises as `subscribe`.

    Args:
        service: A ledger.
        identifier: Of the subscription.
        state: `pending`, `delivered` or `dead`; all if None.
    """
    return service.items(f"{_PATH}/{identifier}/deliveries", {"state": state})


def replay(service: Service, identifier: str, since: str | None = None) -> int:
    """Have webhooks sent again, and return how many; raises as `subscribe`.

    Args:
        service: A ledger.
        identifier: Of the subscription.
        since: RFC 3339 time: all about events from then on; those that are dead if None.
    """
    content = strict_json.dumps({} if since is None else {"since": since})
    answer = service.session.ask("POST", f"{_PATH}/{identifier}/replay", content=content, headers=_JSON)
    count = answer.json().get("replayed")
    if not isinstance(count, int):
        raise wrong_answer("no number of what is sent again")
    return count


def follow(
    service: Service, wanted: Mapping[str, str], after: str | None = None
) -> Generator[dict[str, Any], None, None]:
    """Yield what happens, as it happens, without end; a connection that is lost is made again.

    Args:
        service: A ledger.
        wanted: Parameters that narrow it down: `events`, `organisation`, `country`, `port`, `terminal`, or
            `subscription`.
        after: Number of the event behind which to begin; from now on if None.

    Raises:
        CorridorError: It is refused, or the service cannot be reached the first time.
        VerificationError: What comes is no stream of a ledger.
    """
    newest, pause = after, _PAUSE
    was_there = False
    while True:
        try:
            for identifier, event in _connected(service, wanted, newest):
                newest, pause, was_there = identifier, _PAUSE, True
                if event is not None:
                    yield event
        except LaterError:
            if not was_there:
                raise
            pause = min(pause * 2, _LONGEST_PAUSE)
        service.http.patience.sleep(pause)


def _connected(
    service: Service, wanted: Mapping[str, str], after: str | None
) -> Iterator[tuple[str | None, dict[str, Any] | None]]:
    """Yield numbers and events of one connection; a number alone where nothing happened yet."""
    headers = {"Accept": "text/event-stream"} | ({} if after is None else {"Last-Event-ID": after})
    with ExitStack() as stack:
        pieces = service.session.within(
            lambda shown: stack.enter_context(
                service.http.stream(_EVENTS, params=wanted, headers=headers | shown)
            )
        )
        for frame in frames(pieces):
            yield frame.id, _event(frame.data) if frame.data else None


def _event(data: str) -> dict[str, Any]:
    try:
        event = strict_json.loads(data.encode(), max_bytes=_MAX_EVENT)
    except MalformedError as error:
        raise wrong_answer(error.message) from None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise wrong_answer("something else than an event")
    return event
