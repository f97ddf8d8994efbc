"""Stories of one container on the way from Puerto Barrios to Wilmington, judged by one check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result
from ledger.assessment.finding import Finding, Severity
from ledger.corridors.profile import Profile, foundation_profile
from ledger.corridors.rules import CorridorRules, Leg, Milestone, Place, Reefer
from ledger.domain.custody import Said
from ledger.domain.statement import Reference, SignedStatement
from ledger.domain.words import LANGUAGES, Words
from tests.builders import an_author
from tests.domain.custody_story import CUSTOMS, Story, clock

BOX = "MSKU1234565"
OTHER_BOX = "XXXU5001233"

ROUTE = CorridorRules(
    origins=frozenset({"GTPBR"}),
    destinations=frozenset({"USILG"}),
    places={
        "GTPBR": Place("Puerto Barrios", "GT", 15.73, -88.6),
        "USILG": Place("Wilmington", "US", 39.72, -75.52),
    },
    milestones={
        "gate-in": Milestone(Words("gate-in", "ingreso", "entrée"), frozenset({"gate-passage"})),
        "lading": Milestone(
            *(Words("lading", "carga", "chargement"), frozenset({"loading"})),
            sources=("carrier", "origin-port"),
        ),
        "departure": Milestone(
            Words("departure", "zarpe", "départ"), frozenset({"departure"}), frozenset({"GTPBR"})
        ),
        "arrival": Milestone(
            Words("arrival", "llegada", "arrivée"), frozenset({"arrival"}), frozenset({"USILG"})
        ),
    },
    legs={
        "terminal": Leg(
            Words("terminal", "terminal", "terminal"), "gate-in", "lading", "yard", most_hours=96
        ),
        "voyage": Leg(
            *(Words("voyage", "travesía", "traversée"), "departure", "arrival", "sea"),
            least_hours=60,
            most_hours=200,
            most_km_off=500,
        ),
    },
    reefer=Reefer(low_c=7, high_c=10, most_minutes=120),
    most_speed_kmh={"road": 120, "sea": 60},
    seal_check_at=frozenset({"lading"}),
    machinery_check_at=frozenset({"lading"}),
)


def profile_of(**changes: Any) -> Profile:
    """Return the foundation's profile with rules for the way to Wilmington."""
    return replace(foundation_profile(), rules=replace(ROUTE, **changes))


@dataclass(frozen=True)
class Judged:
    """What a check says of a story."""

    result: Result

    @property
    def codes(self) -> list[str]:
        """Codes of all findings."""
        return [one.reason.code for one in self.result.findings]

    @property
    def skipped(self) -> str | None:
        """Why the check was not made."""
        return None if self.result.skipped is None else self.result.skipped.code

    @property
    def only(self) -> Finding:
        """The one finding."""
        (one,) = self.result.findings
        return one

    @property
    def only_sentence(self) -> str:
        """The sentence of the one finding, in English."""
        return self.only.sentence()


def judged(
    check: CorridorCheck,
    story: Story,
    opened: Mapping[bytes, Mapping[str, Any]] = MappingProxyType({}),
    **rules: Any,
) -> Judged:
    """Make one check of a story, and see that all that it says can be said."""
    case = Case(story.trip.uri, tuple(story.said), profile_of(**rules), opened=opened)
    result = check.run(case)
    for one in result.findings:
        assert one.reason in check.reasons
        assert one.statements
        assert all(one.sentence(language) for language in LANGUAGES)
        assert one.reason.severity is not Severity.MISSING or one.owed_by is not None
    assert result.skipped is None or result.skipped in check.skips
    return Judged(result)


def concludes(
    story: Story, record: SignedStatement, conclusion: str = "clear", *, hour: float = 18.1, **more: Any
) -> SignedStatement:
    """Let customs conclude something from a record."""
    body = {"conclusion": conclusion, "concluded_by": "person", "occurred_at": clock(hour)} | more
    of = [Reference("of", record.statement.id)]
    return story.say(CUSTOMS, "analysis", body, references=of)


def read(
    story: Story, record: SignedStatement | Said, found: Mapping[str, Any]
) -> Mapping[bytes, Mapping[str, Any]]:
    """Let the port read what belongs to a record, and return what can be opened of it."""
    of = [Reference("of", record.statement.id)]
    reading = story.say("https://port.example", "reading", {"category": "scan"}, references=of)
    return {reading.statement.id: found}


def withhold(story: Story, place: int, *names: str) -> None:
    """Let a reader not see some members of what was said, by its place in the story."""
    one = story.said[place]
    draft = {name: value for name, value in one.body.items() if name not in names}
    statement = one.statement
    author = an_author(statement.iss)
    author.salts = story.salts
    signed = author.says(
        *(statement.kind, story.trip, one.body),
        iat=statement.iat,
        references=statement.references,
        conceal=[(name,) for name in names],
    )
    story.said[place] = Said(one.index, signed.statement, draft)
