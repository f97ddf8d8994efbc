"""What a reader said of a file that was taken, as the drop keeps it until the ledger has it."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Self

from ledger.client.readings import fingerprint_json, fingerprint_of
from ledger.domain import fields, strict_json
from ledger.domain.errors import MalformedError
from ledger.domain.statement import MAX_FILE_BYTES, StatementFile
from ledger.readers.reading import Fingerprint


@dataclass(frozen=True, slots=True)
class Said:
    """A signed reading with the fingerprints. Both hold what was in the file: it is kept sealed.

    Args:
        file: The statement with its disclosures.
        fingerprints: To be offered to the ledger.
    """

    file: StatementFile = field(repr=False)
    fingerprints: tuple[Fingerprint, ...] = field(default=(), repr=False)

    def encode(self) -> bytes:
        """Return it as bytes."""
        return strict_json.dumps(
            {
                "statement": b64encode(self.file.encode()).decode("ascii"),
                "fingerprints": [fingerprint_json(one) for one in self.fingerprints],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read it; MalformedError when it is none."""
        value = strict_json.loads(data, max_bytes=2 * MAX_FILE_BYTES)
        members = fields.exactly(value, ("statement", "fingerprints"), "a reading that is kept")
        try:
            statement = b64decode(members["statement"], validate=True)
        except (TypeError, ValueError):
            raise MalformedError("malformed-field", "statement must be base64", field="statement") from None
        prints = fields.array(members["fingerprints"], "fingerprints")
        return cls(StatementFile.parse(statement), tuple(map(fingerprint_of, prints)))
