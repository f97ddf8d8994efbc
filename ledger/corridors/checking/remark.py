"""What is wrong with a profile, or worth a look."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How bad it is: with an `error` rules cannot be kept or mean nothing, a `warning` is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong with a profile.

    Args:
        weight: How bad it is.
        code: Stable kebab-case code.
        path: Where: names of tables and members, separated by full stops.
        says: What is wrong, a sentence.
        todo: What to do about it, a sentence.
    """

    weight: Weight
    code: str
    path: str
    says: str
    todo: str

    def to_json(self) -> dict[str, str]:
        """Return it as JSON."""
        return asdict(self)


def error(code: str, path: str, says: str, todo: str) -> Remark:
    """Return an error."""
    return Remark(Weight.ERROR, code, path, says, todo)


def warning(code: str, path: str, says: str, todo: str) -> Remark:
    """Return a warning."""
    return Remark(Weight.WARNING, code, path, says, todo)
