"""Decisions of authorities: whether to deliver, for all, and why, for some (formats, section 24)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from ledger.domain import fields
from ledger.domain.custody.members import one_of
from ledger.domain.errors import MalformedError
from ledger.domain.statement import Statement

DECISION: Final = "decision"
"""Kind of the statement by which an authority decides."""
REVERSES: Final = "reverses"
"""Relation from a decision to an earlier one of the same authority that it takes back."""
DELIVERY: Final = "delivery"
"""Member that says in the clear whether the goods may be delivered."""
WHY: Final = "hold"
"""Member that holds everything else: the profiles' category of why an authority acts names it so."""
BLOCKED: Final = "blocked"
FREE: Final = "free"
RELEASE: Final = "release"
HOLD: Final = "hold"
EXAM: Final = "exam"

HOLDS: Final = (
    "manifest",
    "commercial-enforcement",
    "cet",
    "pga",
    "agriculture",
    "statistical",
    "other",
)
"""Kinds of holds: those of U.S. Customs and Border Protection first."""
EXAMS: Final = ("nii", "tailgate", "intensive", "usda", "fda", "other")
"""Kinds of examinations: non-intrusive, doors opened, devanned, by other agencies."""

_TYPES: Final[Mapping[str, tuple[str, ...]]] = {RELEASE: (), HOLD: HOLDS, EXAM: EXAMS}
_MAX_REASON: Final = 2000
_MAX_REFERENCE: Final = 200


@dataclass(frozen=True, slots=True)
class Source:
    """Where a decision was brought from that was made in another system.

    Args:
        system: What its owner calls the system, 1 to 200 characters.
        reference: What the system calls the decision, 1 to 200 characters.
    """

    system: str
    reference: str

    @classmethod
    def parse(cls, value: object, where: str) -> Self:
        """Read it; MalformedError when it is none."""
        read = fields.exactly_at(value, ("system", "reference"), where)
        return cls(*(fields.text(read[name], f"{where}.{name}", longest=200) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class Why:
    """What is told of a decision to those only who are shown why an authority acts.

    Args:
        decision: `release`, `hold` or `exam`.
        type: Which hold or examination, None of a release or where it is not said.
        reason: In words, 1 to 2,000 characters.
        reference: What the authority files it under, 1 to 200 characters.
        source: Where it was brought from.
    """

    decision: str
    type: str | None = None
    reason: str | None = None
    reference: str | None = None
    source: Source | None = None

    @classmethod
    def parse(cls, value: object, where: str) -> Self:
        """Read the member `hold` of a decision's body.

        Raises:
            MalformedError: It is not as the format says.
        """
        read = fields.exactly_at(
            value, ("decision",), where, optional=("type", "reason", "reference", "source")
        )
        decision = one_of(read["decision"], tuple(_TYPES), f"{where}.decision")
        if "type" in read:
            if decision == RELEASE:
                message = f"{where}.type says which hold or examination, and a release is neither"
                raise MalformedError("malformed-field", message, field=f"{where}.type")
            one_of(read["type"], _TYPES[decision], f"{where}.type")
        for name, longest in (("reason", _MAX_REASON), ("reference", _MAX_REFERENCE)):
            if name in read:
                fields.text(read[name], f"{where}.{name}", longest=longest)
        source = Source.parse(read["source"], f"{where}.source") if "source" in read else None
        return cls(decision, read.get("type"), read.get("reason"), read.get("reference"), source)

    @property
    def delivery(self) -> str:
        """What it means for delivery."""
        return FREE if self.decision == RELEASE else BLOCKED

    def to_json(self) -> dict[str, Any]:
        """Return it as a body has it."""
        told: dict[str, Any] = {"decision": self.decision}
        for name in ("type", "reason", "reference"):
            if getattr(self, name) is not None:
                told[name] = getattr(self, name)
        if self.source is not None:
            told["source"] = {"system": self.source.system, "reference": self.source.reference}
        return told


def decision_body(why: Why) -> dict[str, Any]:
    """Return the members of a decision's body; `hold` is to be concealed where it is signed."""
    return {DELIVERY: why.delivery, WHY: why.to_json()}


def check_body(statement: Statement, body: Mapping[str, Any]) -> None:
    """Accept what a decision says, looked at alone; other kinds say nothing of it.

    Args:
        statement: As signed.
        body: As revealed to whoever looks.

    Raises:
        MalformedError: `delivery` is not there for everybody, or says something else than `hold` does; or a
            member is wrong.
    """
    if statement.kind != DECISION:
        return
    if DELIVERY not in statement.body:
        message = f'a decision says in the clear, as body.{DELIVERY}, either "{BLOCKED}" or "{FREE}"'
        raise MalformedError("delivery-not-said", message, field=f"body.{DELIVERY}")
    delivery = one_of(statement.body[DELIVERY], (BLOCKED, FREE), f"body.{DELIVERY}")
    if WHY in body:
        why = Why.parse(body[WHY], f"body.{WHY}")
        if why.delivery != delivery:
            message = (
                f'body.{DELIVERY} must be "{why.delivery}" where body.{WHY}.decision is "{why.decision}"'
            )
            raise MalformedError("delivery-contradicts", message, field=f"body.{DELIVERY}")
