"""What can go wrong with a chain, as branches of the one error tree."""

from ledger.domain.errors import ConflictError, PolicyError, UnavailableError, VerificationError


class WrongChainError(VerificationError):
    """The node serves another chain than the one that is expected."""


class RpcRefusedError(UnavailableError):
    """The node answered a request with a JSON-RPC error.

    Args:
        message: For people.
        text: The node's own message.
        number: JSON-RPC error code.
        data: What the node added, such as the data of a revert; empty when it added nothing.
    """

    def __init__(self, message: str, *, text: str = "", number: int = 0, data: bytes = b"") -> None:
        super().__init__("chain-refused", message)
        self.text = text
        self.number = number
        self.data = data

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_refused, (self.message, self.text, self.number, self.data))


class RevertedError(PolicyError):
    """A contract refused a call.

    Args:
        message: For people.
        error: Name of the Solidity error, empty when the contract named none that is known here.
    """

    def __init__(self, message: str, *, error: str = "") -> None:
        super().__init__("reverted", message)
        self.error = error

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_reverted, (self.message, self.error))


class AnchorConflictError(ConflictError):
    """The chain holds something for this log that the database does not know: nothing more is anchored."""


def _rebuild_refused(message: str, text: str, number: int, data: bytes) -> RpcRefusedError:
    return RpcRefusedError(message, text=text, number=number, data=data)


def _rebuild_reverted(message: str, error: str) -> RevertedError:
    return RevertedError(message, error=error)
