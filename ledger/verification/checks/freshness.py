"""Check `freshness`: the dossier shows the log as it is now, or as it was a short while ago."""

from ledger.domain.errors import UnavailableError
from ledger.domain.verdict import Check
from ledger.verification.chain_view import ChainView
from ledger.verification.checks.findings import failed, not_checked, passed
from ledger.verification.checks.timeliness import TOLERANCE
from ledger.verification.facts import Anchors, History, Log
from ledger.verification.trust import Trust

NAME = "freshness"


def check_freshness(
    trust: Trust, log: Log, history: History, anchors: Anchors, *, view: ChainView | None, now: int
) -> Check:
    """Return the check.

    Args:
        trust: The trust file.
        log: The trusted log.
        history: The proven history.
        anchors: The proven anchors.
        view: The trusted chain; only one that reads it as it is now tells which anchor is the newest.
        now: The verifier's clock, POSIX seconds.
    """
    size = history.target.size
    newest = _newest_anchor(log, view)
    if newest is not None and newest <= size and anchors.of_size(size):
        message = f"The target, of {size} entries, is the newest anchor of the chain."
        return passed(NAME, message, "newest-anchor")
    if trust.max_age is not None:
        return _judge_age(_no_older_than(trust, history, anchors), now, trust.max_age)
    if newest is None:
        message = "Without a node, and without a maximum age in the trust file, age is not judged."
        return not_checked(NAME, "offline", message)
    message = f"The chain has a newer anchor, of {newest} entries; this dossier ends at {size}."
    return failed(NAME, "stale", message)


def _judge_age(time: int | None, now: int, max_age: int) -> Check:
    if time is None:
        message = "No accepted clock says how old the target is; the operator's own does not count."
        return not_checked(NAME, "operator-clock", message)
    age = now - time
    if age < -TOLERANCE:
        message = f"The target was made {-age} s after this machine's time: set its clock right."
        return failed(NAME, "clock", message)
    if age > max_age:
        message = f"The target is {age} s old and {max_age} s are allowed: ask for a newer dossier."
        return failed(NAME, "stale", message)
    return passed(NAME, f"The target is {max(age, 0)} s old; {max_age} s are allowed.", "young")


def _newest_anchor(log: Log, view: ChainView | None) -> int | None:
    if view is None or not view.live:
        return None
    try:
        return view.head(log.genesis.origin_hash).size
    except UnavailableError:
        return None


def _no_older_than(trust: Trust, history: History, anchors: Anchors) -> int | None:
    """Return when the target was still the newest checkpoint, by the accepted clocks.

    An anchor and a cosignature are only ever made of the newest one; a time-stamp can be had of an old one
    too, so that it does not count. Of the witnesses it is the q-th largest time: one of q at least is honest.
    """
    times = []
    anchor = anchors.of_size(history.target.size)
    if "chain" in trust.times and trust.chain.control == "independent" and anchor is not None:
        times.append(anchor.block_time)
    quorum = trust.witnesses.quorum
    if "witnesses" in trust.times and quorum and len(history.renewed) >= quorum:
        times.append(sorted((one.timestamp for one in history.renewed), reverse=True)[quorum - 1])
    return max(times, default=None)
