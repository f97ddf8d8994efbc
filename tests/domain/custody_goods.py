"""A log of one consignment and the containers that it is stuffed in."""

from ledger.domain.custody import Custody, Said, custody_of
from ledger.domain.subject import Subject
from tests.builders import Trip, a_trip, seeded
from tests.domain.custody_story import A, Story, clock


def a_consignment(iss: str = A) -> Trip:
    """Return a consignment with its custody stream."""
    tag = seeded("consignment", 32)
    return Trip(Subject.create("consignment", "ABCU.BL1", iss, tag), b"", tag, iss)


class Goods:
    """A consignment and the containers that it is stuffed in, on one log."""

    def __init__(self) -> None:
        self.goods = Story(trip=a_consignment())
        self.goods.open()
        self.said: list[Said] = self.goods.said

    def box(self, key: str = "MSKU1234565", *, iss: str = A, open_it: bool = True) -> Story:
        story = Story(trip=a_trip(key, iss=iss), said=self.said, salts=self.goods.salts)
        if open_it:
            story.say(iss, "subject-opened", {})
        return story

    def stuff(self, box: Story, hour: float, kind: str = "stuffing") -> None:
        subjects = [box.trip.uri, self.goods.trip.uri]
        body = {"occurred_at": clock(hour)}
        box.say(A, kind, body, subjects=subjects, streams=[box.trip.custody_tag, self.goods.trip.custody_tag])

    def custody(self) -> Custody:
        return custody_of(self.goods.trip.uri, self.said)
