"""All that tells people what happened, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Engine

from ledger.domain.clock import Clock
from ledger.domain.errors import AccessError
from ledger.notices.courier import Courier, Office
from ledger.notices.deliveries import Deliveries
from ledger.notices.egress import Egress
from ledger.notices.events import Events, Teller
from ledger.notices.fanout import Fanout
from ledger.notices.hub import Hub
from ledger.notices.sender import Sender
from ledger.notices.subscriptions import Subscriptions

MAX_STREAMS = 256
"""How many may listen to one process, which serves twice as many connections."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an organisation may ask for, and where may be sent to.

    Args:
        private: Whether webhooks may go to private addresses, in the clear and to any port.
        subscriptions: How many an organisation may have.
        streams: How many it may follow at a time.
    """

    private: bool = False
    subscriptions: int = 100
    streams: int = 32


@dataclass(frozen=True, slots=True)
class Notices:
    """What tells people what happened.

    Args:
        subscriptions: Who wants to be told by webhook.
        deliveries: What is sent to them.
        hub: Tells those who listen.
        office: What sending needs.
    """

    subscriptions: Subscriptions
    deliveries: Deliveries
    hub: Hub
    office: Office

    @classmethod
    def create(
        cls,
        engine: Engine,
        clock: Clock,
        service_secret: bytes,
        teller: Teller,
        *,
        session: Callable[[str], object],
        catch_up: Callable[[], object],
        limits: Limits,
        sender: Sender | None = None,
    ) -> Self:
        """Put the parts together.

        Args:
            engine: The database.
            clock: The ledger's clock.
            service_secret: Of the operator, the same in all processes; secrets are derived from it.
            teller: Says who may hear what.
            session: Raises `AccessError` for the token of a session that is over.
            catch_up: Makes events of what was said meanwhile.
            limits: What is allowed.
            sender: Sends webhooks; one that keeps to the limits if None.
        """

        def good(token: str) -> bool:
            try:
                session(token)
            except AccessError:
                return False
            return True

        events, deliveries, egress = Events(engine), Deliveries(engine, clock), Egress(limits.private)
        subscriptions = Subscriptions(
            engine, clock, service_secret, egress, events.newest, most=limits.subscriptions
        )
        hub = Hub(events, teller, good, catch_up, clock, each=limits.streams, most=MAX_STREAMS)
        fanout = Fanout(engine, events, subscriptions, deliveries, teller)
        office = Office(fanout, deliveries, subscriptions, events, teller, sender or Sender(egress), clock)
        return cls(subscriptions, deliveries, hub, office)

    def close(self) -> None:
        """End what listeners follow, and what is being looked up; for the end of the process."""
        self.hub.close()
        self.office.sender.close()

    async def deliver(self) -> None:
        """Send webhooks until cancelled."""
        await Courier(self.office).run()
