"""Which requests to be shown something there are: those that an organisation got, and those that it sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, select

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.views import View, Views
from ledger.domain.sharing import AccessAnswer, AccessRequest
from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement, select_statements, stored_statement
from ledger.storage.engine import read_transaction
from ledger.storage.sharing_tables import sharing_answers, sharing_requests
from ledger.storage.tables import statements


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """How a request was answered.

    Args:
        index: Of the answer in the log.
        id: Statement id of the answer, 32 bytes.
        answer: What it says.
    """

    index: int
    id: bytes
    answer: AccessAnswer


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request to be shown something.

    Args:
        index: Of the request in the log; the cursor of pages.
        id: Statement id of the request, 32 bytes.
        by: URI of the organisation that asks.
        signed_at: When it was signed, POSIX seconds.
        request: What it asks for.
        answered: How it was answered, None as long as it was not.
    """

    index: int
    id: bytes
    by: str
    signed_at: int
    request: AccessRequest
    answered: AnswerRecord | None


class AccessRequests:
    """Answers questions about requests, each for one organisation.

    Args:
        engine: The database.
        catalogue: Keeps the tables up with the log.
        views: Says what an organisation is shown.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue, views: Views) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._views = views

    def received(
        self, organisation: str, *, open_only: bool = True, after: int | None = None, limit: int
    ) -> Sequence[RequestRecord]:
        """Return the requests to an organisation, in the order of the log.

        Args:
            organisation: Its URI.
            open_only: Only those that it has not answered.
            after: Only those after the one with this `index`.
            limit: How many at most.
        """
        return self._found(
            organisation, sharing_requests.c.addressee == organisation, open_only, after, limit
        )

    def sent(
        self, organisation: str, *, open_only: bool = True, after: int | None = None, limit: int
    ) -> Sequence[RequestRecord]:
        """Return the requests of an organisation; arguments as of `received`."""
        return self._found(organisation, sharing_requests.c.iss == organisation, open_only, after, limit)

    def _found(
        self, organisation: str, whose: ColumnElement[bool], open_only: bool, after: int | None, limit: int
    ) -> Sequence[RequestRecord]:
        self._catalogue.catch_up()
        asked, answers = sharing_requests.c, sharing_answers.c
        query = (
            select(asked.idx, answers.idx)
            .outerjoin(sharing_answers, answers.request == asked.idx)
            .where(whose)
            .order_by(asked.idx)
            .limit(limit)
        )
        if open_only:
            query = query.where(answers.idx.is_(None))
        if after is not None:
            query = query.where(asked.idx > after)
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query).all()
            pairs = [
                (_stored(connection, request), None if answer is None else _stored(connection, answer))
                for request, answer in rows
            ]
        view = self._views(organisation)
        return [_record(view, request, answer) for request, answer in pairs]


def _stored(connection: Connection, index: int) -> StoredStatement:
    return stored_statement(connection.execute(select_statements().where(statements.c.idx == index)).one())


def _record(view: View, request: StoredStatement, answer: StoredStatement | None) -> RequestRecord:
    statement, shown = Statement.parse(request.statement), view.redacted(request)
    answered = None
    if answer is not None:
        said = Statement.parse(answer.statement).reveal(view.redacted(answer).disclosures)
        answered = AnswerRecord(answer.index, answer.id, AccessAnswer.parse(said))
    return RequestRecord(
        index=request.index,
        id=request.id,
        by=statement.iss,
        signed_at=statement.iat,
        request=AccessRequest.parse(statement.reveal(shown.disclosures)),
        answered=answered,
    )
