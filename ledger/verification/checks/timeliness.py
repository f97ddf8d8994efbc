"""Check `time`: by when each statement was registered, by clocks that the verifier accepts.

What bounds a time from above does not bound it from below. That a checkpoint existed by T is shown by an
anchor's block, by the q-th smallest time of its witnesses (of q witnesses one at least is honest) and by a
time-stamp. That a signer cannot have held it before T' is shown by its witnesses only: it is published after
they cosigned, and anchored and stamped at any time after that. So T' is the smallest time of a quorum's
cosignatures.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from ledger.domain.errors import CorridorError
from ledger.domain.moment import in_utc
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, count
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Anchors, History, ProvenCheckpoint, Said
from ledger.verification.timestamp import authorities, verify_timestamp
from ledger.verification.trust import Trust

NAME = "time"
TOLERANCE = 300
"""Seconds by which honest clocks may differ."""


def check_time(
    dossier: Dossier, trust: Trust, said: Sequence[Said], history: History, anchors: Anchors
) -> Check:
    """Return the check.

    Args:
        dossier: What was parsed.
        trust: The trust file; its `times` are the clocks that count.
        said: The statements.
        history: The proven history.
        anchors: The proven anchors.
    """
    findings = Findings(NAME)
    known = by_index(registered_by(dossier, trust, history, anchors))
    latest = 0
    for one in said:
        _check_seen(one, trust, history, findings)
        by = known(one.index)
        if by is None:
            _skip(trust, one, findings)
            continue
        latest = max(latest, by)
        if one.statement.iat > by + TOLERANCE:
            message = (
                f"{one.shown} says that it was signed {one.statement.iat - by} s after it was registered."
            )
            findings.fail("signed-after-registered", message)
    last = f"the last of {count(len(said), 'statement')}"
    message = f"By accepted clocks, {last} was registered by {in_utc(latest)}."
    return findings.conclude(message)


def by_index(times: Mapping[int, int]) -> Callable[[int], int | None]:
    """Return what tells by when the entry of an index was registered, POSIX seconds; None when nothing does.

    Args:
        times: By when the checkpoints of some sizes existed.
    """
    sizes = sorted(times)
    # The smallest time of each size and all larger ones: what covers more was made later, by some clocks.
    earliest = list(accumulate((times[size] for size in reversed(sizes)), min))[::-1]

    def known(index: int) -> int | None:
        place = bisect_right(sizes, index)
        return earliest[place] if place < len(sizes) else None

    return known


def registered_by(dossier: Dossier, trust: Trust, history: History, anchors: Anchors) -> Mapping[int, int]:
    """Return by when the checkpoints of some sizes existed, POSIX seconds by size, by the accepted clocks."""
    times: dict[int, int] = {}

    def learn(size: int, time: int) -> None:
        times[size] = min(time, times.get(size, time))

    if "chain" in trust.times and trust.chain.control == "independent":
        for anchor in anchors.proven:
            learn(anchor.size, anchor.block_time)
    if "witnesses" in trust.times and trust.witnesses.quorum:
        for size, checkpoint in history.by_size.items():
            cosigned = sorted(one.timestamp for one in checkpoint.cosignatures)
            if len(cosigned) >= trust.witnesses.quorum:
                learn(size, cosigned[trust.witnesses.quorum - 1])
    if "tsa" in trust.times and trust.tsa:
        roots = authorities(trust.tsa)
        for size, token in dossier.timestamps:
            stamped = history.by_size.get(size)
            if stamped is None:
                continue
            try:
                learn(size, verify_timestamp(token, stamped.signed.note.text.encode(), roots))
            except CorridorError:
                # Stamps of authorities that this verifier does not trust are there for others.
                continue
    return times


def _skip(trust: Trust, one: Said, findings: Findings) -> None:
    if trust.chain.control == "operator":
        message = f"Only the operator's own clock says when {one.shown} was registered."
        findings.skip("operator-clock", message)
    else:
        message = f"No accepted clock says when {one.shown} was registered."
        findings.skip("no-accepted-time", message)


def _check_seen(one: Said, trust: Trust, history: History, findings: Findings) -> None:
    seen = history.by_size.get(one.statement.seen.size)
    published = None if seen is None else published_after(seen, trust)
    if published is not None and one.statement.iat < published - TOLERANCE:
        message = (
            f"{one.shown} says that it was signed {published - one.statement.iat} s before the checkpoint "
            f"that it names was there: it was dated back."
        )
        findings.fail("signed-before-seen", message)


def published_after(checkpoint: ProvenCheckpoint, trust: Trust) -> int | None:
    """Return before which time nobody can have held a checkpoint, None when no accepted clock tells."""
    quorum = trust.witnesses.quorum
    if "witnesses" not in trust.times or not quorum or len(checkpoint.cosignatures) < quorum:
        return None
    return min(one.timestamp for one in checkpoint.cosignatures)
