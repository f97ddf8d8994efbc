"""EPCIS 2.0 documents (GS1): what happened to which things, when and where."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.readers.papers import Paper, container, named, part, rows_of, text_of

_CONTAINER = "urn:epc:id:bic:"
"""Before a container number (EPC Tag Data Standard, BIC)."""


def events(value: object) -> Sequence[Mapping[str, Any]] | None:
    """Return the events of a document, None where it is of another kind."""
    if not isinstance(value, Mapping) or value.get("type") != "EPCISDocument":
        return None
    return rows_of(part(value, "epcisBody").get("eventList"))


def paper(rows: Sequence[Mapping[str, Any]]) -> Paper:
    """Return what events say.

    Args:
        rows: The events.
    """
    things = [thing for each in rows for thing in _things(each)]
    boxes = [each.removeprefix(_CONTAINER) for each in things if each.startswith(_CONTAINER)]
    return Paper(
        document="events",
        numbers=named(
            [
                *(("parent", text_of(each.get("parentID"))) for each in rows),
                *(("thing", each) for each in dict.fromkeys(things)),
                *(
                    ("transaction", text_of(one.get("bizTransaction")))
                    for each in rows
                    for one in rows_of(each.get("bizTransactionList"))
                ),
            ]
        ),
        dates=named([(_what(each), text_of(each.get("eventTime"))) for each in rows]),
        places=named([(_what(each), text_of(part(each, "readPoint").get("id"))) for each in rows]),
        containers=tuple([box for number in dict.fromkeys(boxes) for box in container(number)]),
    )


def _what(event: Mapping[str, Any]) -> str:
    return (text_of(event.get("bizStep")) or text_of(event.get("type")) or "event")[:60]


def _things(event: Mapping[str, Any]) -> list[str]:
    several = [event.get(name) for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList")]
    return [one for each in several if isinstance(each, list) for one in each if isinstance(one, str)]
