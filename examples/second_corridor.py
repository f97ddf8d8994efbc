"""What a corridor asks of its shipments: the tables beside `route`, section 2 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone. Its verdicts do not
go by them: it takes what is well-formed and refuses everything else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from second_encoding import array, exactly, need, text_of

NAME = "[a-z][a-z0-9-]{1,63}"
PLACE, COUNTRY, REGION = "[A-Z]{2}[A-Z2-9]{3}", "[A-Z]{2}", "[A-Z]{2}([A-Z2-9]{3})?"
MODES = "road|sea|rail|yard"
TERM = re.compile(rf"{NAME}(?: [+-] ([0-9]{{1,6}}) (min|h|d))?")
YEAR = 8784
TABLES = "route? places? milestones? legs? required? tolerances? reefer? speeds? alarms? before?"


def corridor_tables(value: dict[str, Any]) -> None:
    """Refuse what is not well-formed in these tables."""
    names = [name.rstrip("?") for name in TABLES.split()]
    if "route" not in value:
        need(not any(name in value for name in names), "profile: such a table without route")
        return
    optional = "promise_hours? promise? arrival? times?"
    route = exactly(value["route"], f"origins destinations parties {optional}", "profile: route")
    some(route["origins"], PLACE)
    some(route["destinations"], PLACE)
    some(route["parties"], NAME)
    text_of(route.get("arrival", "arrival"), NAME, "profile: arrival")
    some(route.get("times", ["tsa"]), "chain|witnesses|tsa")
    number(route.get("promise_hours", 0), 0, YEAR)
    due(route.get("promise", "arrival"))
    each(value, "places", PLACE, place)
    each(value, "milestones", NAME, milestone)
    each(value, "legs", NAME, leg)
    each(value, "required", NAME, required)
    limits(value)


def limits(value: dict[str, Any]) -> None:
    percents = ["net_percent", "gross_percent", "vgm_percent", "scan_percent", "value_percent"]
    most = {"packages": 1e6, "days": 366.0, "hs_digits": 10.0} | dict.fromkeys(percents, 100.0)
    tolerances = exactly(
        value.get("tolerances", {}), " ".join(f"{one}?" for one in most), "profile: tolerances"
    )
    for name, said in tolerances.items():
        number(said, 0, most[name])
        need(name != "hs_digits" or isinstance(said, int), "profile: part of a digit")
    if "reefer" in value:
        reefer = exactly(value["reefer"], "low_c high_c most_minutes", "profile: reefer")
        number(reefer["low_c"], -100, 100)
        number(reefer["high_c"], -100, 100)
        number(reefer["most_minutes"])
    for speed in exactly(value.get("speeds", {}), "road? sea? rail? yard?", "profile: speeds").values():
        number(speed, 1, 2000)
    alarms = exactly(value.get("alarms", {}), "answer_hours?", "profile: alarms")
    number(alarms.get("answer_hours", 0), 0, YEAR)
    before = exactly(value.get("before", {}), "seal_check? machinery_check?", "profile: before")
    for milestones in before.values():
        some(milestones, NAME, 0)


def place(table: Any) -> None:
    said = exactly(table, "title country latitude? longitude?", "profile: place")
    text_of(said["title"], "(?s).{1,200}", "profile: title")
    text_of(said["country"], COUNTRY, "profile: country")
    need(("latitude" in said) == ("longitude" in said), "profile: half of a position")
    number(said.get("latitude", 0), -90, 90)
    number(said.get("longitude", 0), -180, 180)


def milestone(table: Any) -> None:
    said = exactly(table, "title kinds places? sources?", "profile: milestone")
    words(said["title"])
    some(said["kinds"], NAME)
    some(said.get("places", []), REGION, 0)
    some(said.get("sources", []), NAME, 0)


def leg(table: Any) -> None:
    amounts = ["km", "least_hours", "most_hours", "most_km_off"]
    said = exactly(table, f"title from to mode {' '.join(f'{one}?' for one in amounts)}", "profile: leg")
    words(said["title"])
    text_of(said["from"], NAME, "profile: from")
    text_of(said["to"], NAME, "profile: to")
    text_of(said["mode"], MODES, "profile: mode")
    for one in amounts:
        number(said.get(one, 0))


def required(table: Any) -> None:
    optional = "documents? leg? due? until? when? per? origin?"
    said = exactly(table, f"title kind owed_by {optional}", "profile: required")
    words(said["title"])
    text_of(said["kind"], NAME, "profile: kind")
    some(said["owed_by"], NAME)
    some(said.get("documents", ["a"]), "[a-z][a-z0-9-]{0,63}")
    text_of(said.get("leg", "any"), NAME, "profile: leg")
    text_of(said.get("per", "trip"), "shipment|trip", "profile: per")
    need(isinstance(said.get("origin", True), bool), "profile: origin")
    for name in ("due", "until"):
        due(said.get(name, "arrival"))
    if "when" in said:
        when = exactly(said["when"], "destinations? origins? hs? said? voyage_over_hours?", "profile: when")
        need(when, "profile: no condition")
        for name, form in (("destinations", REGION), ("origins", REGION), ("hs", "[0-9]{2,10}")):
            if name in when:
                some(when[name], form)
        text_of(when.get("said", "any"), NAME, "profile: said")
        number(when.get("voyage_over_hours", 0), 0, YEAR)


def due(value: Any) -> None:
    """Refuse what is no deadline."""
    terms = [value]
    if not isinstance(value, str):
        need(isinstance(value, dict) and list(value) in (["earliest"], ["latest"]), "profile: deadline")
        (listed,) = value.values()
        terms = array(listed, "profile: terms", 1)
        need(len(terms) <= 8, "profile: over 8 terms")
    for term in terms:
        match = TERM.fullmatch(term) if isinstance(term, str) else None
        need(match is not None, "profile: term")
        assert match is not None
        if match[1] is not None:
            minutes = int(match[1]) * {"min": 1, "h": 60, "d": 1440}[match[2]]
            need(minutes <= YEAR * 60, "profile: over a year")


def words(value: Any) -> None:
    for text in exactly(value, "en es fr", "profile: words").values():
        text_of(text, "(?s).{1,200}", "profile: words")


def some(value: Any, form: str, least: int = 1) -> None:
    """Refuse anything but an array of texts of a form, none twice."""
    listed = [text_of(one, form, "profile: text") for one in array(value, "profile: texts", least)]
    need(len(set(listed)) == len(listed), "profile: a text twice")


def number(value: Any, least: float = 0, most: float = 1e6) -> None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    need(good and least <= value <= most, "profile: number")


def each(value: dict[str, Any], table: str, form: str, read: Callable[[Any], None]) -> None:
    named = value.get(table, {})
    need(isinstance(named, dict), "profile: no table")
    for name, one in named.items():
        text_of(name, form, "profile: name")
        read(one)
