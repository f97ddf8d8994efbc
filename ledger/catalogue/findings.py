"""What speaks against a statement that is well signed and by somebody who may say it."""

from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.errors import ConflictError, CorridorError, PolicyError

WAY_OUT = (
    'look again; if it is so, put it on record with the header "Prefer: handling=lenient" '
    "(from the command line: --lenient)"
)


class Weight(StrEnum):
    """What becomes of a statement with a finding.

    A `warning` is told and changes nothing. The others are refused unless the sender is lenient: as a
    `conflict` with what is on record, or because the corridor's `rule` is against it.
    """

    WARNING = "warning"
    CONFLICT = "conflict"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that speaks against a statement.

    Args:
        code: Stable kebab-case code; programs compare this.
        message: One sentence for people.
        field: Path of the member at fault, such as `body.seals_found.0.number`.
        weight: What becomes of the statement.
    """

    code: str
    message: str
    field: str
    weight: Weight = Weight.CONFLICT

    def refusal(self) -> CorridorError:
        """Return the error by which a strict registrar refuses the statement."""
        kind = PolicyError if self.weight is Weight.RULE else ConflictError
        return kind(self.code, f"{self.message}; {WAY_OUT}", field=self.field)
