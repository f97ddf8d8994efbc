"""A shipment that is told into a log on a chain, so that its dossier can be verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.domain.custody import Said
from ledger.domain.subject import SUBJECT_OPENED
from tests.assessment.story import ROLES, Shipment, us
from tests.domain.custody_story import clock, posix
from tests.verification.factory import World


def a_corridor_world(**changes: Any) -> World:
    """Return a world under the rules from Guatemala to the United States, at midnight of 6 November."""
    return World(now=int(posix(0)), organisations=ROLES, corridor=us(), **changes)


@dataclass
class LoggedShipment(Shipment):
    """A shipment whose statements are logged, each anchored at the time when it is registered."""

    world: World = field(default_factory=a_corridor_world)

    def say(
        self,
        iss: str,
        kind: str,
        hour: float,
        body: Mapping[str, Any] | None = None,
        *,
        registered: float | None = None,
        **more: Any,
    ) -> Said:
        """Say something, log it and anchor it then."""
        self.world.now = max(self.world.now, int(posix(hour)))
        signed = {"iat": int(posix(hour)), "seen": self.world.seen()} | more
        if kind == SUBJECT_OPENED:
            index = self.world.opens(self.trip)
        else:
            said = {"occurred_at": clock(hour)} | dict(body or {})
            index = self.world.says(kind, self.trip, said, by=iss, **signed)
        self.world.now = max(self.world.now, int(posix(hour if registered is None else registered)))
        self.world.checkpoint()
        statement = self.world.logged[index].signed
        one = Said(index, statement.statement, statement.statement.reveal(statement.disclosures))
        self.said.append(one)
        return one
