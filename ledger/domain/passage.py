"""Gate passages: X-ray, radiation, clip and seal check of one container at one moment (formats, 19)."""

from collections.abc import Iterable, Mapping, Sequence

from ledger.domain import custody
from ledger.domain.clips import Clip, check_chains, clips_of, commitments
from ledger.domain.custody import Problem, Said
from ledger.domain.custody.corrections import standing
from ledger.domain.custody.members import Fact, fact_of
from ledger.domain.custody.problem import problem, warning
from ledger.domain.identifiers import is_unlocode
from ledger.domain.links import STUFFED_IN, LinkSet
from ledger.domain.moment import in_utc, in_words, put_right
from ledger.domain.passage_record import (
    GATE_PASSAGE,
    KIND_OF,
    NAME_OF,
    RECORDS,
    Bound,
    Passage,
    PassageRules,
    Passages,
)
from ledger.domain.subject import Subject

_NO_RULES = PassageRules()
# A clip shows several passages; of the others one record is of one passage.
_ONCE = ("scan", "radiation", "seal-check")


def passages_of(subject: str, said: Iterable[Said], rules: PassageRules = _NO_RULES) -> Passages:
    """Return the gate passages of a container trip, and what its cameras recorded.

    Of a consignment those of the trips that it was stuffed in; of another subject none. The order in which
    statements arrive does not matter.

    Args:
        subject: URI of the subject.
        said: Logged statements, revealed as far as the reader may see, each once.
        rules: Those of the corridor.
    """
    everything = list(said)
    found = [_Trip(trip, everything, rules) for trip in _trips(subject, everything, rules.custody)]
    return Passages(
        subject=subject,
        passages=tuple([passage for trip in found for passage in trip.passages]),
        clips=tuple([clip for trip in found for clip in trip.clips]),
        problems=tuple(dict.fromkeys([one for trip in found for one in trip.problems])),
    )


def _trips(subject: str, everything: Sequence[Said], rules: custody.Rules) -> list[str]:
    name = Subject.parse(subject)
    if name.type != "consignment":
        return [subject] if name.type == "trip" else []
    counting, _ = standing([one for one in everything if subject in one.statement.subjects], rules, [])
    spans = LinkSet.of(counting).spans
    stuffed = {one.link.to for one in spans if one.link.rel == STUFFED_IN and one.link.from_ == subject}
    return sorted(stuffed)


class _Trip:
    """The gate passages of one trip, as they are drawn."""

    def __init__(self, trip: str, everything: Sequence[Said], rules: PassageRules) -> None:
        self.problems: list[Problem] = []
        self._trip, self._key, self._rules = trip, Subject.parse(trip).key, rules
        self._known = {one.statement.id: one for one in everything}
        about = [one for one in everything if trip in one.statement.subjects]
        # What is wrong with corrections is for the check of custody to say.
        counting, corrected = standing(about, rules.custody, [])
        self._instead = {one.statement: one.by for one in corrected}
        self._facts = {one.statement.id: fact_of(one) for one in counting}
        self.clips = clips_of(counting, self.problems)
        self._clips = {clip.id: clip for clip in self.clips}
        check_chains(
            self.clips,
            self._claims(about),
            jump_seconds=rules.jump_seconds,
            within_seconds=rules.within_seconds,
            problems=self.problems,
        )
        gates = [fact for fact in self._facts.values() if self._is_passage(fact)]
        self._users: dict[tuple[str, bytes], list[Fact]] = {}
        self.passages = [self._draw(fact) for fact in sorted(gates, key=_order)]
        self._check_used_once()

    def _claims(self, about: Iterable[Said]) -> Mapping[bytes, set[bytes]]:
        claims: dict[bytes, set[bytes]] = {}
        for one in about:
            ident = one.statement.id
            for commitment in commitments(one.body):
                claims.setdefault(commitment, set()).add(self._instead.get(ident, ident))
        return claims

    def _is_passage(self, fact: Fact) -> bool:
        """Return whether a statement is of a passage of this trip, and not of another one that it names."""
        if fact.kind != GATE_PASSAGE:
            return False
        others = {Subject.parse(uri).key for uri in fact.said.statement.subjects if uri != self._trip}
        seen = fact.values.get("container")
        return seen is None or seen == self._key or seen not in others

    def _draw(self, gate: Fact) -> Passage:
        records, without, unnamed = [], [], []
        needs = self._rules.needs_of(_place(gate))
        for rel in RECORDS:
            named = dict.fromkeys(one.id for one in gate.said.statement.references if one.rel == rel)
            bound = [one for one in (self._bound(gate, rel, ident) for ident in named) if one is not None]
            # A record and its correction are one.
            good = list({one.said.statement.id: one for one in bound}.values())
            for one in good:
                self._users.setdefault((rel, one.said.statement.id), []).append(gate)
            records += [Bound(rel, one.said.statement.id, one.by, one.time) for one in good]
            if rel in needs and not good:
                without.append(rel)
            if rel in needs and not named:
                unnamed.append(f"no {NAME_OF[rel]}")
            if rel == "clip":
                self._check_covered(gate, good)
        if unnamed:
            text = f"{_shown(gate)} names {_listed(unnamed)}"
            self._complain(problem("passage-incomplete", text, gate.said))
        return Passage(
            trip=self._trip,
            statement=gate.said.statement.id,
            by=gate.by,
            time=gate.time,
            place=_place(gate),
            container=gate.values.get("container"),
            records=tuple(records),
            without=tuple(without),
        )

    def _bound(self, gate: Fact, rel: str, ident: bytes) -> Fact | None:
        """Return the record that a passage names, or complain of it and return None when it is none."""
        known = self._known.get(ident)
        if known is None:
            text = (
                f"the {NAME_OF[rel]} that {_shown(gate)} names is not there (statement {ident.hex()[:16]}…)"
            )
            self._complain(problem("passage-record-missing", text, gate.said))
            return None
        if self._trip not in known.statement.subjects:
            text = f"the {NAME_OF[rel]} that {_shown(gate)} names is not of container trip {self._key}"
            self._complain(problem("passage-other-container", text, gate.said, known))
            return None
        record = self._facts[self._instead.get(ident, ident)]
        if record.kind != KIND_OF[rel]:
            text = f"what {_shown(gate)} names as its {NAME_OF[rel]} is a {record.kind}"
            self._complain(problem("passage-incomplete", text, gate.said, record.said))
            return None
        self._check_container(gate, rel, record)
        self._check_time(gate, rel, record)
        self._check_place(gate, rel, record)
        return record

    def _check_container(self, gate: Fact, rel: str, record: Fact) -> None:
        seen = record.values.get("container")
        if seen is not None and seen != self._key:
            text = f"the {NAME_OF[rel]} that {_shown(gate)} names is of container {seen}, not {self._key}"
            self._complain(problem("passage-other-container", text, gate.said, record.said))

    def _check_time(self, gate: Fact, rel: str, record: Fact) -> None:
        since, until = self._shows(record) if rel == "clip" else (record.time, record.time)
        apart = max(since - gate.time, gate.time - until, 0.0)
        if apart > self._rules.within_seconds:
            text = (
                f"the {NAME_OF[rel]} of {in_utc(since)} is {in_words(apart)} away from {_shown(gate)} that "
                f"names it; {in_words(self._rules.within_seconds)} are taken"
            )
            self._complain(problem("passage-apart", text, gate.said, record.said))

    def _check_place(self, gate: Fact, rel: str, record: Fact) -> None:
        here, there = _place(gate), _place(record)
        if here is None or there is None or _plain(here) == _plain(there):
            return
        text = f"the {NAME_OF[rel]} that {_shown(gate)} names was made at {there}"
        if is_unlocode(here) and is_unlocode(there):
            self._complain(problem("passage-other-place", text, gate.said, record.said))
        else:
            self._complain(warning("passage-place-differs", text, gate.said, record.said))

    def _check_covered(self, gate: Fact, clips: Sequence[Fact]) -> None:
        """Complain when the clips that a passage names are near it, and none of them shows its moment."""
        shown = [self._shows(clip) for clip in clips]
        near, jump = self._rules.within_seconds, self._rules.jump_seconds
        around = [(a, b) for a, b in shown if a - near <= gate.time <= b + near]
        if around and not any(a - jump <= gate.time <= b + jump for a, b in around):
            text = f"{_shown(gate)} is not on the clip that it names"
            self._complain(problem("passage-not-on-clip", text, gate.said, *(one.said for one in clips)))

    def _shows(self, record: Fact) -> tuple[float, float]:
        """Return from when to when a video shows something, POSIX seconds."""
        clip: Clip | None = self._clips.get(record.said.statement.id)
        if clip is not None:
            return clip.since, clip.until
        if "observed" in record.values:
            offset = record.values.get("clock_offset_s", 0.0)
            since, until = record.values["observed"]
            return put_right(since, offset), put_right(until, offset)
        return record.time, record.time

    def _check_used_once(self) -> None:
        for (rel, ident), gates in sorted(self._users.items()):
            if rel in _ONCE and len(gates) > 1:
                text = (
                    f"one {NAME_OF[rel]}, by {self._facts[ident].by}, is named by {len(gates)} gate "
                    f"passages of {self._key}: {' and '.join(in_utc(gate.time) for gate in gates)}"
                )
                record = self._facts[ident].said
                self._complain(problem("passage-record-twice", text, *(gate.said for gate in gates), record))

    def _complain(self, found: Problem) -> None:
        self.problems.append(found)


def _order(fact: Fact) -> tuple[float, bytes]:
    return fact.time, fact.said.statement.id


def _shown(gate: Fact) -> str:
    place = _place(gate)
    return f"the gate passage{'' if place is None else f' at {place}'} of {in_utc(gate.time)} ({gate.by})"


def _place(fact: Fact) -> str | None:
    place = fact.said.body.get("place")
    return place if isinstance(place, str) and 1 <= len(place) <= 200 else None


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _plain(place: str) -> str:
    return " ".join(place.split()).casefold()
