"""Which grants, ends of grants, requests and answers may be said: what is decided beside the log.

Of what is not there and what is somebody else's, the same is said.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from ledger.domain.concealed import OTHER
from ledger.domain.errors import ConflictError, PolicyError
from ledger.domain.sharing import (
    ACCESS_ANSWER,
    ACCESS_REQUEST,
    ANSWERS,
    ENDS,
    GRANT,
    GRANT_ENDED,
    AccessAnswer,
    AccessRequest,
    Grant,
    the_one,
    unknown_categories,
)
from ledger.domain.statement import Statement
from ledger.log.store import select_statements, stored_statement
from ledger.storage.catalogue_tables import catalogue_members
from ledger.storage.sharing_tables import sharing_answers, sharing_requests
from ledger.storage.tables import statements

KINDS: Final = frozenset((GRANT, GRANT_ENDED, ACCESS_REQUEST, ACCESS_ANSWER))


def check(
    connection: Connection,
    statement: Statement,
    body: Mapping[str, Any],
    *,
    now: int,
    categories: Collection[str],
) -> None:
    """Accept a statement of one of `KINDS`.

    Args:
        connection: A transaction; the tables are up to date.
        statement: As signed.
        body: As revealed, in its shape.
        now: POSIX seconds, by the log's clock.
        categories: Those of the profile; when it has none, any may be named.

    Raises:
        PolicyError: `category-unknown`; `grant-expired`; `request-unknown`, `answer-to-another`,
            `answer-other-subject`; `grant-unknown`, `grant-other-stream`.
        ConflictError: `already-answered`, `already-ended`.
    """
    if statement.kind == GRANT and "to" in body:
        _check_grant(Grant.parse(body), now, categories)
    elif statement.kind == ACCESS_REQUEST and not {"to", "about", "categories", "purpose"} - body.keys():
        request = AccessRequest.parse(body)
        _check_time(request.until, now)
        _check_categories(request.categories, categories)
    elif statement.kind == ACCESS_ANSWER and not {"to", "answer"} - body.keys():
        answer = AccessAnswer.parse(body)
        _check_answer(connection, statement, answer)
        if answer.grant is not None:
            _check_grant(answer.grant, now, categories)
    elif statement.kind == GRANT_ENDED:
        _check_end(connection, statement)


def _check_grant(grant: Grant, now: int, categories: Collection[str]) -> None:
    _check_time(grant.until, now)
    _check_categories(grant.categories, categories)


def _check_time(until: int | None, now: int) -> None:
    if until is not None and until <= now:
        raise PolicyError(
            "grant-expired",
            "body.until is over already, by the log's clock: name a later time, or none",
            field="body.until",
        )


def _check_categories(named: Collection[str], known: Collection[str]) -> None:
    unknown = unknown_categories(named, {*known, OTHER}) if known else []
    if unknown:
        raise PolicyError(
            "category-unknown",
            f"this corridor has no category {unknown[0]!r}; it has {', '.join(sorted(known))}, {OTHER}, and "
            "* for all of them",
            field="body.categories",
        )


def _check_answer(connection: Connection, statement: Statement, answer: AccessAnswer) -> None:
    asked, answers = sharing_requests.c, sharing_answers.c
    request_id = the_one(statement, ANSWERS)
    query = select(asked.idx, asked.iss).where(asked.id == request_id, asked.addressee == statement.iss)
    row = connection.execute(query).first()
    if row is None:
        raise PolicyError(
            "request-unknown",
            f"nobody has sent your organisation a request {request_id.hex()} that this log holds",
            field="references",
        )
    if row.iss != answer.to:
        raise PolicyError("answer-to-another", f"{row.iss} asked, not {answer.to}", field="body.to")
    if answer.grant is not None:
        about = _about(connection, row.idx)
        for place, uri in enumerate(statement.subjects):
            if uri not in about:
                message = f"the request is not about {uri}: approve what was asked for, or grant it"
                raise PolicyError("answer-other-subject", message, field=f"subjects.{place}")
    given = select(statements.c.id).join(sharing_answers, answers.idx == statements.c.idx)
    before = connection.execute(given.where(answers.request == row.idx)).scalar()
    if before is not None:
        raise ConflictError(
            "already-answered",
            f"your organisation has answered this request with {before.hex()}: to give more, grant it; to "
            "give less, end that grant",
            field="references",
        )


def _about(connection: Connection, index: int) -> frozenset[str]:
    row = connection.execute(select_statements().where(statements.c.idx == index)).one()
    stored = stored_statement(row)
    body = Statement.parse(stored.statement).reveal(stored.disclosures)
    return frozenset(AccessRequest.parse(body).about)


def _check_end(connection: Connection, statement: Statement) -> None:
    member = catalogue_members.c
    granted = the_one(statement, ENDS)
    query = (
        select(member.tag, member.ended)
        .join(statements, statements.c.idx == member.idx)
        .where(statements.c.id == granted, member.by == statement.iss, member.reason == "granted")
    )
    rows = connection.execute(query).all()
    if not rows:
        raise PolicyError(
            "grant-unknown",
            f"your organisation has granted nothing by a statement {granted.hex()} that this log holds",
            field="references",
        )
    if {row.tag for row in rows} != set(statement.streams):
        raise PolicyError(
            "grant-other-stream",
            "file the end of a grant in the same streams as the grant, so that whoever reads the one reads "
            "the other",
            field="streams",
        )
    if all(row.ended is not None for row in rows):
        raise ConflictError(
            "already-ended", f"the grant {granted.hex()} is ended already", field="references"
        )
