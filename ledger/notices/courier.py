"""Sending what is due, side by side: one receiver never waits for another."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

from standardwebhooks import Webhook

from ledger.domain.clock import Clock
from ledger.domain.errors import CorridorError
from ledger.notices.deliveries import Deliveries, Delivery
from ledger.notices.events import Events, Teller
from ledger.notices.fanout import Fanout
from ledger.notices.sender import Outcome, Sender
from ledger.notices.subscriptions import Subscription, Subscriptions

SECONDS: Final = 0.5
"""Pause between two looks at what is due."""
_AT_ONCE: Final = 100
_SWEEP_SECONDS: Final = 600.0
_logger = logging.getLogger(__name__)
_T = TypeVar("_T")
_Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Lanes:
    """How much is sent at the same time.

    Args:
        all: By this process.
        organisation: For one subscriber.
        subscription: To one receiver.
        failing: To one whose last attempt failed: so the dead ones take no room from the others.
    """

    all: int = 256
    organisation: int = 64
    subscription: int = 4
    failing: int = 1


@dataclass(frozen=True, slots=True)
class Office:
    """What a courier works with.

    Args:
        fanout: Makes deliveries of events.
        deliveries: What is to be sent.
        subscriptions: Where to.
        events: What is told.
        teller: Says what of it the subscriber may see, at the moment of sending.
        sender: Sends.
        clock: The ledger's clock.
    """

    fanout: Fanout
    deliveries: Deliveries
    subscriptions: Subscriptions
    events: Events
    teller: Teller
    sender: Sender
    clock: Clock


class Courier:
    """Sends webhooks, in one event loop; several processes may do so on one database.

    Args:
        office: What it works with.
        lanes: How much is sent at the same time.
        seconds: Pause between two looks at what is due.
    """

    def __init__(self, office: Office, *, lanes: Lanes | None = None, seconds: float = SECONDS) -> None:
        self._office = office
        self._lanes = lanes or Lanes()
        self._seconds = seconds
        self._sending: set[str] = set()
        self._failing: set[str] = set()
        self._used: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        # Two, so that taking in events does not hold up what is sent meanwhile.
        self._database = ThreadPoolExecutor(2, "webhook-database")

    async def run(self) -> None:
        """Work until cancelled; what was claimed and not sent then is anybody's again."""
        try:
            async with asyncio.TaskGroup() as turns:
                turns.create_task(self._again(self._take_in, partial(asyncio.sleep, self._seconds)))
                turns.create_task(self._again(self._send_due, self._pause))
                turns.create_task(self._again(self._sweep, partial(asyncio.sleep, _SWEEP_SECONDS)))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._database.shutdown()

    async def _again(self, step: _Step, pause: _Step) -> None:
        while True:
            try:
                await step()
            except CorridorError as error:
                _logger.warning("webhooks: %s (%s)", error.message, error.code)
            except Exception:
                # Whoever waits for webhooks would wait for ever if this ended in silence.
                _logger.exception("webhooks: unexpected failure; trying again")
            await pause()

    async def _pause(self) -> None:
        """Wait a moment, or until something was sent: its lane is free for what waits."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._ended.wait()
        except TimeoutError:
            pass
        self._ended.clear()

    async def _take_in(self) -> None:
        while await self._in_database(self._office.fanout.run):
            pass

    async def _sweep(self) -> None:
        await self._in_database(self._office.deliveries.sweep)

    async def _send_due(self) -> None:
        there = {one.id: one for one in await self._in_database(self._office.subscriptions.sent_to)}
        busy = {one.id for one in there.values() if not self._has_room(one)}
        more = bool(there)
        while more and len(self._sending) < self._lanes.all:
            found = await self._in_database(self._office.deliveries.due, busy, _AT_ONCE)
            known = len(busy) + len(self._sending)
            for delivery in found:
                subscription = there.get(delivery.subscription)
                if subscription is None or not self._has_room(subscription):
                    busy.add(delivery.subscription)
                elif delivery.id not in self._sending:
                    self._begin(delivery, subscription)
            # A full page of one subscription that has no room hides the others: look again without it.
            more = len(found) == _AT_ONCE and len(busy) + len(self._sending) > known

    def _has_room(self, one: Subscription) -> bool:
        lanes = self._lanes
        own = lanes.failing if one.id in self._failing else lanes.subscription
        return (
            len(self._sending) < lanes.all
            and self._used[one.organisation] < lanes.organisation
            and self._used[one.id] < own
        )

    def _begin(self, delivery: Delivery, subscription: Subscription) -> None:
        self._sending.add(delivery.id)
        self._used.update((subscription.id, subscription.organisation))
        task = asyncio.create_task(self._deliver(delivery, subscription))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery, subscription: Subscription) -> None:
        deliveries = self._office.deliveries
        try:
            if not await self._in_database(deliveries.claim, delivery.id):
                return
            outcome = await self._attempt(delivery, subscription)
            if outcome is None:
                await self._in_database(deliveries.withdraw, delivery.id)
            else:
                (self._failing.discard if outcome.received else self._failing.add)(subscription.id)
                await self._in_database(deliveries.ended, delivery, outcome)
                self._tell(delivery, outcome)
        except asyncio.CancelledError:
            await self._in_database(deliveries.release, delivery.id)
            raise
        except CorridorError as error:
            _logger.warning("webhooks: %s (%s)", error.message, error.code)
        except Exception:
            _logger.exception("webhooks: unexpected failure; trying again")
        finally:
            self._sending.discard(delivery.id)
            self._used.subtract((subscription.id, subscription.organisation))
            self._ended.set()

    async def _attempt(self, delivery: Delivery, subscription: Subscription) -> Outcome | None:
        """Return what became of sending; None when the subscriber may not see any more what it tells."""
        body = await self._in_database(self._body, delivery, subscription)
        if body is None or subscription.url is None:
            return None
        return await self._office.sender.send(
            subscription.url, self._signed(delivery, subscription, body), body.encode()
        )

    def _body(self, delivery: Delivery, subscription: Subscription) -> str | None:
        event = self._office.events.get(delivery.seq)
        told = None if event is None else self._office.teller.told(event, subscription.organisation)
        return None if told is None else json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    def _signed(self, delivery: Delivery, subscription: Subscription, body: str) -> Mapping[str, str]:
        """Return the headers of Standard Webhooks.

        The time is that of the attempt, not of the event: receivers refuse what is over five minutes old.
        """
        now = datetime.fromtimestamp(self._office.clock(), UTC)
        signatures = [
            Webhook(one).sign(delivery.id, now, body)
            for one in self._office.subscriptions.secrets(subscription)
        ]
        return {
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _tell(self, delivery: Delivery, outcome: Outcome) -> None:
        fields = {
            "subscription": delivery.subscription,
            "message": delivery.id,
            "attempt": delivery.attempts + 1,
            "status": outcome.status,
            "problem": outcome.problem,
        }
        _logger.info("webhook", extra={"fields": fields})

    async def _in_database(self, work: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._database, work, *arguments)
