"""What an organisation still has to bring, or has brought, in the order of the deadlines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select, union_all

from ledger.corridors.profile import Profile
from ledger.corridors.rules import Need
from ledger.domain.subject import Subject
from ledger.domain.words import Words
from ledger.prearrival.asking import Names, Place, is_touched, may_see, stretch
from ledger.prearrival.rows import UNKNOWN, owed_term
from ledger.storage.prearrival_tables import arrival_needs, arrivals

OWED: Final = "owed"
OPEN: Final = "open"
LATE: Final = "late"
DONE: Final = "done"
ALL: Final = "all"
_HOUR: Final = 3600
_DO = Words(
    'Register a statement of kind "{kind}" about {about}.',
    "Registre una declaración de tipo «{kind}» sobre {about}.",
    "Enregistrez une déclaration de type « {kind} » au sujet de {about}.",
)
_DO_WITH = Words(
    'Register a statement of kind "{kind}" about {about}, with the paper; its `documents` must name {codes}.',
    "Registre una declaración de tipo «{kind}» sobre {about}, con el documento; su `documents` debe nombrar "
    "{codes}.",
    "Enregistrez une déclaration de type « {kind} » au sujet de {about}, avec le document ; son `documents` "
    "doit nommer {codes}.",
)
_OR = Words(" or ", " o ", " ou ")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for.

    Args:
        organisation: URI of the reader.
        roles: Names of the roles that it has now.
        state: `owed` (not brought yet), of these `open` or `late`; `done`, or `all`.
        language: Of titles and sentences.
    """

    organisation: str
    roles: Collection[str]
    state: str
    language: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found.

    Args:
        items: As JSON.
        after: Behind what the next page begins; None on the last one.
    """

    items: Sequence[dict[str, Any]]
    after: Place | None


def find(
    connection: Connection,
    names: Names,
    profile: Profile,
    asked: Asked,
    *,
    after: Place | None,
    limit: int,
    now: int,
) -> Found:
    """Return a page of what an organisation's roles owe in the shipments that it sees.

    Args:
        connection: A snapshot.
        names: Of this database.
        profile: The corridor's rules.
        asked: What is asked for.
        after: `after` of the page before.
        limit: How many at most.
        now: POSIX seconds.
    """
    wanted = [owed_term(role, done=done) for role in sorted(asked.roles) for done in _done(asked.state)]
    known = names.of(connection, [asked.organisation, *wanted])
    terms = [known[one] for one in wanted if one in known]
    if asked.organisation not in known or not terms:
        return Found((), None)
    reader, window = known[asked.organisation], _window(asked.state, now)
    parts = [stretch(reader, one, window, after).limit(limit + 1).subquery() for one in terms]
    # What two roles of one organisation owe, it owes once.
    need = arrival_needs.c
    looked = union_all(*(select(one) for one in parts)).subquery()
    query = (
        select(
            arrivals,
            looked.c.at,
            looked.c.thing,
            need.need,
            need.trip,
            need.due,
            need.done,
            is_touched(now).label("touched"),
        )
        .join(arrival_needs, need.arrival == arrivals.c.id)
        .join(looked, looked.c.thing == need.id)
        .order_by(looked.c.at, looked.c.thing)
    )
    rows = list({row.thing: row for row in connection.execute(query)}.values())
    shown = rows[:limit]
    rules = profile.rules
    items = [
        _item(row, rules.required[row.need], asked.language, now)
        for row in shown
        if rules is not None
        and row.need in rules.required
        and may_see(connection, row, asked.organisation, now)
    ]
    return Found(items, (shown[-1].at, shown[-1].thing) if len(rows) > limit else None)


def _done(state: str) -> Sequence[bool]:
    return {DONE: (True,), ALL: (False, True)}.get(state, (False,))


def _window(state: str, now: int) -> Place:
    if state == OPEN:
        return now, UNKNOWN
    return (-UNKNOWN, now - 1) if state == LATE else (-UNKNOWN, UNKNOWN)


def _item(row: Row[Any], need: Need, language: str, now: int) -> dict[str, Any]:
    state = DONE if row.done is not None else LATE if row.due is not None and row.due < now else OPEN
    trip = row.trip or None
    about = trip or row.uri
    return {
        "shipment": row.uri,
        "trip": trip,
        "container": None if trip is None else Subject.parse(trip).key,
        "need": row.need,
        "title": need.title.in_(language),
        "what": _what(need, Subject.parse(about).key, language),
        "kind": need.kind,
        "documents": sorted(need.documents),
        "owed_by": list(need.owed_by),
        "due": row.due,
        "state": state,
        "hours_left": None if row.due is None else round((row.due - now) / _HOUR, 1),
        "leg": need.leg,
    }


def _what(need: Need, about: str, language: str) -> str:
    codes = _OR.in_(language).join(sorted(need.documents))
    words = _DO_WITH if need.documents else _DO
    return words.in_(language).format(kind=need.kind, about=about, codes=codes)
