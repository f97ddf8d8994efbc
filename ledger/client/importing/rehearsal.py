"""What an import would do, as far as it can be told without signing anything."""

from collections.abc import Callable, Collection

from ledger.client.importing.journal import Journal
from ledger.client.importing.outcome import Outcome, State
from ledger.client.importing.plan import check_kinds
from ledger.client.importing.shipments import Shipment
from ledger.domain.errors import PolicyError

Take = Callable[[str, Shipment], Outcome]
"""Does with a line what is to be done, given its name, and returns what became of it."""


def rehearsal(journal: Journal | None, kinds: Collection[str]) -> Take:
    """Return what looks at lines and does nothing.

    Args:
        journal: Of what was imported before; None where nothing was.
        kinds: Of statements that the organisation may say.
    """
    met: set[int] = set()

    def take(line: str, shipment: Shipment) -> Outcome:
        try:
            check_kinds(shipment, kinds)
        except PolicyError as error:
            return Outcome.refused(line, error, shipment.name)
        before = None if journal is None else journal.line(shipment.name)
        if before is not None or hash(shipment.name) in met:
            subjects = () if before is None else before.subjects
            message = "it was imported before, or is on a line above"
            return Outcome(line, State.DUPLICATE, shipment.name, subjects, "imported-before", message)
        # Of each only so much as tells it from others: there may be very many.
        met.add(hash(shipment.name))
        return Outcome(line, State.ACCEPTED, shipment.name)

    return take
