"""A profile for people: who owes what by when, who may say what, who sees what."""

from collections.abc import Iterable

from ledger.cli.output import fields, say, show_table
from ledger.cli.profile_words import SHOWN
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules, Due, Need, Term, When
from ledger.corridors.sharing_tables import EVERYTHING

_PER_TRIP = "trip"


def show_profile(profile: Profile, lang: str) -> None:
    """Print a profile.

    Args:
        profile: The profile.
        lang: Language of `ledger.domain.words.LANGUAGES`; roles, kinds and codes stay as they are.
    """
    shown = _Shown(lang)
    say(f"{profile.title}", f"{profile.id}, version {profile.version}, {profile.hash.hex()}", "")
    rules = profile.rules
    if rules is None:
        say(shown.word("nothing_asked"), "")
    else:
        shown.route(rules)
        shown.needs(rules)
        shown.milestones(rules)
    shown.kinds(profile)
    shown.sharing(profile)
    shown.limits(profile)


class _Shown:
    """Shows the parts of a profile in a language."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def word(self, name: str, **values: str) -> str:
        return SHOWN[name].in_(self._lang).format(**values)

    def route(self, rules: CorridorRules) -> None:
        def titled(places: Iterable[str]) -> str:
            named = [(rules.places[one].title if one in rules.places else one, one) for one in places]
            return ", ".join(f"{title} ({one})" for title, one in sorted(named))

        rows: dict[str, str | list[str]] = {
            self.word("route"): [titled(rules.origins), f"{self.word('to')} {titled(rules.destinations)}"],
            self.word("parties"): ", ".join(sorted(rules.parties)),
            self.word("clocks"): ", ".join(sorted(rules.times)),
        }
        if rules.promise is not None:
            rows[self.word("promise")] = f"{self.word('all_origin')}: {self.due(rules, rules.promise)}"
        fields(rows)
        say("")

    def needs(self, rules: CorridorRules) -> None:
        titles = [self.word(name) for name in ("evidence", "owed_by", "due", "only")]
        rows = []
        for need in rules.required.values():
            title = need.title.in_(self._lang)
            if need.per == _PER_TRIP:
                title = f"{title}, {self.word('per_trip')}"
            due = self.word("any_time") if need.due is None else self.due(rules, need.due)
            if need.until is not None:
                due = f"{due}; {self.word('until')} {self.due(rules, need.until)}"
            rows.append((title, ", ".join(need.owed_by), due, self.condition(need)))
        say(self.word("owes"))
        show_table(titles, rows)

    def milestones(self, rules: CorridorRules) -> None:
        titles = [self.word(name) for name in ("milestone", "where", "kind", "told_by")]
        rows = [
            (
                one.title.in_(self._lang),
                ", ".join(sorted(one.places)) or self.word("anywhere"),
                ", ".join(sorted(one.kinds)),
                ", ".join(one.sources),
            )
            for one in rules.milestones.values()
        ]
        say(self.word("happens"))
        show_table(titles, rows)

    def kinds(self, profile: Profile) -> None:
        say(self.word("says"))
        rows = [
            (name, ", ".join(role for role in profile.roles if role in kind.roles))
            for name, kind in profile.kinds.items()
        ]
        show_table((self.word("kind"), self.word("roles")), rows)

    def sharing(self, profile: Profile) -> None:
        if not profile.sharing:
            return
        say(self.word("sees"))
        rows = [
            (
                role,
                self.word("everything")
                if EVERYTHING in shown
                else ", ".join(name for name in profile.categories if name in shown),
            )
            for role, shown in profile.sharing.items()
        ]
        show_table((self.word("role"), self.word("categories")), rows)

    def limits(self, profile: Profile) -> None:
        say(self.word("kept"))
        kept = {
            name: self.word("no_limit")
            if one.retention_days is None
            else f"{one.retention_days} {self.word('days')}"
            for name, one in profile.categories.items()
        }
        if kept:
            fields(kept)
        say("", self.word("limits"))
        places = [f"{place}: {level}" for place, level in sorted(profile.custody.places.items())]
        rows: dict[str, str | list[str]] = {self.word("hand_over"): [profile.custody.least, *places]}
        rules = profile.rules
        if rules is not None:
            said = rules.tolerances
            rows["packages"] = f"{said.packages:.10g}"
            for name in ("net", "gross", "vgm", "scan", "value"):
                rows[name] = f"{getattr(said, f'{name}_percent'):.10g} %"
            rows |= {f"km/h {mode}": f"{speed:.10g}" for mode, speed in rules.most_speed_kmh.items()}
            if rules.reefer is not None:
                reefer = rules.reefer
                rows["°C"] = f"{reefer.low_c:.10g} – {reefer.high_c:.10g}, {reefer.most_minutes:.10g} min"
        fields(rows)

    def due(self, rules: CorridorRules, due: Due) -> str:
        terms = [self.term(rules, term) for term in due.terms]
        return terms[0] if len(terms) == 1 else f"{self.word(due.pick)} ({'; '.join(terms)})"

    def term(self, rules: CorridorRules, term: Term) -> str:
        known = rules.milestones.get(term.milestone)
        title = term.milestone if known is None else known.title.in_(self._lang)
        if not term.hours:
            return title
        hours = abs(term.hours)
        amount = f"{hours:.0f} h" if hours == int(hours) else f"{round(hours * 60)} min"
        return self.word("before" if term.hours < 0 else "after", amount=amount, milestone=title)

    def condition(self, need: Need) -> str:
        when = need.when or When()
        told = [
            self.word(side, places=", ".join(sorted(places)))
            for side, places in (("destinations", when.destinations), ("origins", when.origins))
            if places
        ]
        if when.hs:
            told.append(self.word("hs", numbers=", ".join(when.hs)))
        if when.said is not None:
            told.append(self.word("said", kind=when.said))
        if when.voyage_over_hours is not None:
            told.append(self.word("voyage", hours=f"{when.voyage_over_hours:.10g}"))
        return "; ".join(told)
