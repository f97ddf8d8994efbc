"""Finding a block by its time."""

from ledger.chain.reader import Block, ChainReader
from ledger.domain.errors import UnavailableError, UsageError


def first_block_at(reader: ChainReader, time: int) -> int:
    """Return the number of the first block that is not older than a time.

    Whatever was anchored at that time or later is in this block or in one after it.

    Args:
        reader: The chain; its block times only grow.
        time: POSIX seconds.

    Raises:
        UsageError: The chain has no such block yet: the time is after its newest block.
        UnavailableError: The node cannot say.
    """
    head = reader.head()
    if head.time < time:
        raise UsageError(
            "time-ahead", f"the chain's newest block is of {head.time}, before the time given ({time})"
        )
    lowest, highest = 0, head.number
    while lowest < highest:
        middle = (lowest + highest) // 2
        if _block(reader, middle).time >= time:
            highest = middle
        else:
            lowest = middle + 1
    return lowest


def _block(reader: ChainReader, number: int) -> Block:
    block = reader.block(number)
    if block is None:
        raise UnavailableError(
            "block-missing", f"the node does not have block {number} any more; ask another"
        )
    return block
