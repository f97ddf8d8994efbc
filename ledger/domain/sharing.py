"""Who is shown what: grants, requests to be shown something, their answers, and their ends (formats, 18)."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final, Self

from ledger.domain import fields
from ledger.domain.concealed import EVERYTHING
from ledger.domain.errors import MalformedError, PolicyError
from ledger.domain.hand_over import HAND_OVER, Claim
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject

GRANT: Final = "grant"
"""Kind of the statement by which a member lets others into its streams, and shows them what it concealed."""
GRANT_ENDED: Final = "grant-ended"
"""Kind of the statement by which whoever granted something ends it."""
ACCESS_REQUEST: Final = "access-request"
"""Kind of the statement by which somebody asks another one to be shown something."""
ACCESS_ANSWER: Final = "access-answer"
"""Kind of the statement by which that one answers; one that approves acts as a grant."""

ENDS: Final = "ends"
"""What a `grant-ended` references: the grant, or the answer that acts as one."""
ANSWERS: Final = "answers"
"""What an `access-answer` references: the request."""
ACCESSED: Final = "accessed"
"""What a `disclosure-record` references when its author looked at something: the statement."""

MAX_TO: Final = 64
MAX_CATEGORIES: Final = 64
MAX_ABOUT: Final = 16
MAX_PURPOSE: Final = 500
APPROVED: Final = "approved"
REFUSED: Final = "refused"

_CATEGORY = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a grant gives.

    Args:
        to: URIs of the organisations to which it is given, none twice.
        categories: Those of which they are shown what the granter concealed and sealed; `*` is all of them.
        purpose: What for; None if not said.
        since: From when on, POSIX seconds; 0 from its registration on.
        until: When it is over, POSIX seconds; None does not end by itself.
    """

    to: tuple[str, ...]
    categories: frozenset[str] = frozenset()
    purpose: str | None = None
    since: int = 0
    until: int | None = None

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Read the revealed body of a grant; members beyond those of the format may be there.

        Raises:
            MalformedError: A member is missing or wrong, or the grant is over before it begins.
        """
        if "to" not in body:
            raise MalformedError("missing-field", "a grant must say to whom", field="body.to")
        names = [
            fields.organisation(uri, f"body.to.{place}")
            for place, uri in enumerate(fields.array(body["to"], "body.to"))
        ]
        if not 1 <= len(names) <= MAX_TO or len(set(names)) != len(names):
            message = f"body.to must name 1 to {MAX_TO} different organisations"
            raise MalformedError("malformed-field", message, field="body.to")
        return cls._of(tuple(names), body)

    @classmethod
    def _of(cls, to: tuple[str, ...], body: Mapping[str, Any]) -> Self:
        since = ceil(fields.timestamp(body["from"], "body.from").timestamp()) if "from" in body else 0
        until = _until(body)
        if until is not None and since >= until:
            message = "body.from must be before body.until: this grant is over before it begins"
            raise MalformedError("grant-times", message, field="body.from")
        return cls(to, _categories(body), _purpose(body), since, until)


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What somebody asks for.

    Args:
        to: URI of the organisation that is asked.
        about: URIs of the subjects.
        categories: What it would be shown; `*` is everything.
        purpose: What for.
        until: Until when, POSIX seconds; None leaves it open.
    """

    to: str
    about: tuple[str, ...]
    categories: frozenset[str]
    purpose: str
    until: int | None = None

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Read the revealed body of a request; members beyond those of the format may be there.

        Raises:
            MalformedError: A member is missing or wrong.
        """
        for name in ("to", "about", "categories", "purpose"):
            if name not in body:
                message = f'a request has no member "{name}"'
                raise MalformedError("missing-field", message, field=f"body.{name}")
        about = [
            Subject.parse(uri, f"body.about.{place}").uri
            for place, uri in enumerate(fields.array(body["about"], "body.about"))
        ]
        if not 1 <= len(about) <= MAX_ABOUT or len(set(about)) != len(about):
            message = f"body.about must name 1 to {MAX_ABOUT} different subjects"
            raise MalformedError("malformed-field", message, field="body.about")
        return cls(
            to=fields.organisation(body["to"], "body.to"),
            about=tuple(about),
            categories=_categories(body),
            purpose=fields.text(body["purpose"], "body.purpose", longest=MAX_PURPOSE),
            until=_until(body),
        )


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """What the one who was asked says.

    Args:
        to: URI of the organisation that asked.
        grant: What it is given; None when it was refused.
        reason: Why; None if not said.
    """

    to: str
    grant: Grant | None
    reason: str | None = None

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Read the revealed body of an answer; members beyond those of the format may be there.

        Raises:
            MalformedError: A member is missing or wrong.
        """
        for name in ("to", "answer"):
            if name not in body:
                message = f'an answer has no member "{name}"'
                raise MalformedError("missing-field", message, field=f"body.{name}")
        to = fields.organisation(body["to"], "body.to")
        if body["answer"] not in (APPROVED, REFUSED):
            message = f"body.answer must be {APPROVED} or {REFUSED}"
            raise MalformedError("malformed-field", message, field="body.answer")
        grant = Grant._of((to,), body) if body["answer"] == APPROVED else None
        reason = None
        if "reason" in body:
            reason = fields.text(body["reason"], "body.reason", longest=MAX_PURPOSE)
        return cls(to, grant, reason)


def check_body(statement: Statement, body: Mapping[str, Any]) -> None:
    """Accept what a statement about sharing says, looked at alone; other kinds say nothing of it.

    Args:
        statement: As signed.
        body: As revealed.

    Raises:
        MalformedError: A member is missing or wrong, or a reference that the kind needs.
        PolicyError: Codes `grant-to-self`, `request-to-self`, `request-subject`.
    """
    if statement.kind == GRANT:
        _refuse_self("grant", statement.iss, Grant.parse(body).to)
    elif statement.kind == ACCESS_REQUEST:
        _refuse_self("request", statement.iss, (AccessRequest.parse(body).to,))
        if any(Subject.parse(uri).type != "organisation" for uri in statement.subjects):
            raise PolicyError(
                "request-subject",
                "file a request under the subject of your own organisation, and name what it is about in "
                "body.about",
                field="subjects",
            )
    elif statement.kind == ACCESS_ANSWER:
        AccessAnswer.parse(body)
        the_one(statement, ANSWERS)
    elif statement.kind == GRANT_ENDED:
        the_one(statement, ENDS)


def the_one(statement: Statement, rel: str) -> bytes:
    """Return the id of the one statement that a statement references so.

    Raises:
        MalformedError: It references none so, or several.
    """
    ids = [one.id for one in statement.references if one.rel == rel]
    if len(ids) != 1:
        message = f'a statement of kind "{statement.kind}" has one reference "{rel}", not {len(ids)}'
        raise MalformedError("malformed-reference", message, field="references")
    return ids[0]


def members_for(statement: Statement, body: Mapping[str, Any], organisation: str) -> frozenset[str]:
    """Return the members of a body that an organisation is shown because they are addressed to it.

    The parties of a hand-over see its terms; whom a grant, a request or an answer is for sees all of it.

    Args:
        statement: As signed.
        body: As revealed by all of its disclosures.
        organisation: URI of the reader.
    """
    try:
        if statement.kind == HAND_OVER:
            terms = Claim.parse(body).terms
            parties = () if terms is None else (terms.giver, terms.taker)
            return frozenset(("terms", "role", "result", "agreed") if organisation in parties else ())
        if statement.kind not in _ADDRESSED:
            return frozenset()
        return frozenset(body) if organisation in _ADDRESSED[statement.kind](body) else frozenset()
    except MalformedError:
        return frozenset()


def unknown_categories(named: Collection[str], known: Collection[str]) -> list[str]:
    """Return the categories that nobody knows, sorted.

    Args:
        named: As a grant or a request names them.
        known: Those of a profile, and whatever else there is.
    """
    return sorted(set(named) - {EVERYTHING} - set(known))


def _refuse_self(what: str, iss: str, to: Collection[str]) -> None:
    if iss in to:
        raise PolicyError(
            f"{what}-to-self",
            f"{iss} needs no {what} of its own: name other organisations",
            field="body.to",
        )


def _categories(body: Mapping[str, Any]) -> frozenset[str]:
    named = fields.array(body.get("categories", []), "body.categories")
    for place, name in enumerate(named):
        if not isinstance(name, str) or (name != EVERYTHING and not _CATEGORY.fullmatch(name)):
            field = f"body.categories.{place}"
            raise MalformedError("malformed-field", f"{field} must be a category, or *", field=field)
    if len(named) > MAX_CATEGORIES or len(set(named)) != len(named):
        message = f"body.categories must be at most {MAX_CATEGORIES} different categories"
        raise MalformedError("malformed-field", message, field="body.categories")
    return frozenset(named)


def _purpose(body: Mapping[str, Any]) -> str | None:
    if "purpose" not in body:
        return None
    return fields.text(body["purpose"], "body.purpose", longest=MAX_PURPOSE)


def _until(body: Mapping[str, Any]) -> int | None:
    if "until" not in body:
        return None
    return floor(fields.timestamp(body["until"], "body.until").timestamp())


_ADDRESSED: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[str, ...]]]] = {
    GRANT: lambda body: Grant.parse(body).to,
    ACCESS_REQUEST: lambda body: (AccessRequest.parse(body).to,),
    ACCESS_ANSWER: lambda body: (AccessAnswer.parse(body).to,),
}
