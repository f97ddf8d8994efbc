"""What registration asks of a directory of participants: whose a key is and what its organisation may do."""

from dataclasses import dataclass
from typing import Protocol

from ledger.domain.cose import CoseKey
from ledger.domain.key_use import USE_STATEMENTS


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """What a directory says of a key now.

    Args:
        organisation: URI of the organisation whose key it is.
        cose_key: The key itself, None where the directory knows only its thumbprint.
        roles: Names of the roles that the organisation has now.
        active: Whether the key and its organisation are good now.
        use: What the key is for, as the registry has it (`ledger.domain.key_use`).
    """

    organisation: str
    cose_key: CoseKey | None
    roles: frozenset[str]
    active: bool
    use: int = USE_STATEMENTS


class Directory(Protocol):
    """Knows the keys of the participants, as the registry has them."""

    def lookup(self, kid: bytes) -> KeyStatus | None:
        """Return what is known of a key by its thumbprint (32 bytes), None when nothing is.

        Raises:
            UnavailableError: The directory cannot say now.
        """
