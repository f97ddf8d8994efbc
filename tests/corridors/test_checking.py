"""What makes no sense in a profile is explained all at once, and what makes sense is left alone."""

from collections.abc import Sequence

import pytest

from ledger.corridors.checking import check
from ledger.corridors.checking.remark import Weight
from ledger.corridors.shipped import SHIPPED, shipped_profile
from tests.corridors.rules_text import CORRIDOR, profile

PROMISE = 'promise_hours = 48\npromise = { latest = ["arrival - 48 h", "departure"] }'
STUFFING = 'kinds = ["stuffing"]\nsources = ["exporter"]'
STOW_DUE = 'due = { earliest = ["departure + 48 h", "arrival"] }'
VOYAGE_HOURS = "least_hours = 60\nmost_hours = 200"
WRONG: dict[str, tuple[Sequence[tuple[str, str]], str, str]] = {
    "party without a role": (
        [('parties = ["exporter",', 'parties = ["ghost", "exporter",')],
        "unknown-role",
        "route.parties",
    ),
    "origin that is no place": (
        [('origins = ["GTPBR"]', 'origins = ["GTPBR", "GTSTC"]')],
        "unknown-place",
        "route.origins",
    ),
    "destination where nothing arrives": (
        [('destinations = ["USILG"]\np', 'destinations = ["USILG", "GTPBR"]\np')],
        "unreached",
        "route.destinations",
    ),
    "arrival that is no milestone": (
        [('arrival = "arrival"', 'arrival = "berth"')],
        "unknown-milestone",
        "route.arrival",
    ),
    "milestone of an unknown kind": (
        [('kinds = ["arrival"]', 'kinds = ["arrival", "landing"]')],
        "unknown-kind",
        "milestones.arrival.kinds",
    ),
    "milestone with an unknown source": (
        [(STUFFING, 'kinds = ["stuffing"]\nsources = ["x1", "exporter"]')],
        "unknown-role",
        "milestones.stuffing.sources",
    ),
    "milestone that nobody can report": (
        [(STUFFING, 'kinds = ["stuffing"]\nsources = ["origin-port"]')],
        "unreported",
        "milestones.stuffing",
    ),
    "leg without its end": (
        [('from = "stuffing"', 'from = "packing"')],
        "unknown-milestone",
        "legs.port.from",
    ),
    "leg backwards": (
        [('from = "departure"\nto = "arrival"', 'from = "arrival"\nto = "departure"')],
        "out-of-order",
        "legs.voyage",
    ),
    "leg of no length": (
        [('from = "departure"\nto = "arrival"', 'from = "arrival"\nto = "arrival"')],
        "out-of-order",
        "legs.voyage",
    ),
    "leg that lasts longer than it may": (
        [(VOYAGE_HOURS, "least_hours = 300\nmost_hours = 200")],
        "least-over-most",
        "legs.voyage",
    ),
    "leg faster than a ship": (
        [(VOYAGE_HOURS, "most_hours = 40")],
        "impossible-speed",
        "legs.voyage.most_hours",
    ),
    "leg shorter than the straight line": ([("km = 3250", "km = 1500")], "too-short", "legs.voyage.km"),
    "distance between places without coordinates": (
        [("latitude = 39.72\nlongitude = -75.53\n", "")],
        "no-coordinates",
        "places.USILG",
    ),
    "distance from anywhere": (
        [('mode = "yard"', 'mode = "yard"\nmost_km_off = 10')],
        "no-coordinates",
        "legs.port.most_km_off",
    ),
    "legs that contradict each other": (
        [
            (
                "[required.invoice]",
                '[legs.all]\ntitle = { en = "all", es = "todo", fr = "tout" }\nfrom = "stuffing"\n'
                'to = "arrival"\nmode = "sea"\nmost_hours = 30\n\n[required.invoice]',
            )
        ],
        "legs-contradict",
        "legs",
    ),
    "promise longer than any voyage": (
        [(PROMISE, 'promise = "arrival - 240 h"')],
        "impossible-promise",
        "route.promise",
    ),
    "promise before no milestone": (
        [('["arrival - 48 h", "departure"]', '["arrival - 48 h", "lading"]')],
        "unknown-milestone",
        "route.promise",
    ),
    "debtor who may not say it": (
        [('owed_by = ["origin-port"]', 'owed_by = ["carrier"]')],
        "may-not-say",
        "required.scan.owed_by",
    ),
    "debtor without a role": (
        [('owed_by = ["origin-port"]', 'owed_by = ["origin-port", "scanner"]')],
        "unknown-role",
        "required.scan.owed_by",
    ),
    "evidence of an unknown kind": (
        [('kind = "scan"', 'kind = "x-ray"')],
        "unknown-kind",
        "required.scan.kind",
    ),
    "evidence of an unknown leg": (
        [('leg = "voyage"', 'leg = "canal"')],
        "unknown-leg",
        "required.stow-plan.leg",
    ),
    "due at no milestone": (
        [('due = "departure - 24 h"', 'due = "lading - 24 h"')],
        "unknown-milestone",
        "required.invoice.due",
    ),
    "due before it can have happened": (
        [
            ('kind = "scan"\nowed_by = ["origin-port"]', 'kind = "departure"\nowed_by = ["carrier"]'),
            ('due = "departure"\nwhen', 'due = "departure - 24 h"\nwhen'),
        ],
        "impossible-deadline",
        "required.scan.due",
    ),
    "due before its leg can begin": (
        [(STOW_DUE, 'due = "departure - 1 h"')],
        "before-its-leg",
        "required.stow-plan.due",
    ),
    "due for certain before its leg, by way of the arrival": (
        [(f'{STOW_DUE}\nuntil = "arrival - 24 h"', 'due = "arrival - 201 h"')],
        "before-its-leg",
        "required.stow-plan.due",
    ),
    "put right before it is due": (
        [(STOW_DUE, 'due = "arrival - 12 h"')],
        "until-before-due",
        "required.stow-plan.until",
    ),
    "condition on a place where nothing goes": (
        [('when = { destinations = ["US"]', 'when = { destinations = ["MX", "USPEF"]')],
        "never-holds",
        "required.scan.when.destinations",
    ),
    "condition on a kind that nobody says": (
        [("voyage_over_hours = 48", 'said = "gossip"')],
        "never-holds",
        "required.scan.when.said",
    ),
    "condition on a longer voyage than there is": (
        [("voyage_over_hours = 48", "voyage_over_hours = 200")],
        "never-holds",
        "required.scan.when.voyage_over_hours",
    ),
    "temperatures without a range": ([("low_c = 7", "low_c = 10.5")], "no-range", "reefer"),
    "seal check before no milestone": (
        [('seal_check = ["departure"]', 'seal_check = ["lading"]')],
        "unknown-milestone",
        "before.seal_check",
    ),
    "kept shorter than the way": (
        [("retention_days = 30", "retention_days = 13")],
        "kept-too-short",
        "categories.paper.retention_days",
    ),
}
DOUBTFUL: dict[str, tuple[Sequence[tuple[str, str]], str, str]] = {
    "name of a shipped profile": ([('"test-corridor"', '"guatemala-us"')], "id-taken", "corridor.id"),
    "promise without a fallback": (
        [(PROMISE, 'promise = "arrival - 72 h"')],
        "promise-too-long",
        "route.promise",
    ),
    "two promises": ([("promise_hours = 48", "promise_hours = 24")], "promise-differs", "route.promise"),
    "promise in words only": (
        [('promise = { latest = ["arrival - 48 h", "departure"] }\n', "")],
        "promise-differs",
        "route.promise",
    ),
    "place in another country": (
        [('country = "US"', 'country = "GT"')],
        "other-country",
        "places.USILG.country",
    ),
    "source that says nothing of it": (
        [(STUFFING, 'kinds = ["stuffing"]\nsources = ["origin-port", "exporter"]')],
        "silent-source",
        "milestones.stuffing.sources",
    ),
    "milestones that are never apart": (
        [
            (
                "[legs.port]",
                '[milestones.berth]\ntitle = { en = "berth", es = "muelle", fr = "quai" }\n'
                'kinds = ["arrival"]\n\n'
                "[legs.port]",
            )
        ],
        "same-milestone",
        "milestones.berth",
    ),
    "speed that is not known": ([("sea = 60\n", "")], "no-speed", "legs.voyage"),
    "leg that may be faster than possible": (
        [(VOYAGE_HOURS, "least_hours = 50\nmost_hours = 200")],
        "too-fast",
        "legs.voyage.least_hours",
    ),
    "the same leg twice": (
        [
            (
                "[required.invoice]",
                '[legs.sea]\ntitle = { en = "sea", es = "mar", fr = "mer" }\nfrom = "departure"\n'
                'to = "arrival"\nmode = "sea"\n\n[required.invoice]',
            )
        ],
        "same-leg",
        "legs.sea",
    ),
    "the same evidence twice": (
        [('documents = ["stow-plan"]', 'documents = ["commercial-invoice"]')],
        "same-need",
        "required.stow-plan",
    ),
    "evidence that is required when it is there": (
        [("voyage_over_hours = 48", 'said = "scan"')],
        "holds-when-met",
        "required.scan.when.said",
    ),
    "sharing that hides papers from customs": (
        [('destination-customs = ["*"]\n', 'carrier = ["*"]\n')],
        "hidden-from-customs",
        "sharing.destination-customs",
    ),
    "tariff numbers that all agree": (
        [("hs_digits = 6", "hs_digits = 1")],
        "no-digits",
        "tolerances.hs_digits",
    ),
    "place of no country": (
        [('places = ["GTPBR"]\nsources', 'places = ["GTPBR", "FR"]\nsources')],
        "unknown-place",
        "milestones.departure.places",
    ),
}


def test_what_makes_sense_is_left_alone() -> None:
    assert list(check(profile())) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_wrong_with_what_is_shipped(name: str) -> None:
    assert list(check(shipped_profile(name))) == []


@pytest.mark.parametrize("case", WRONG)
def test_rules_that_nobody_can_keep_are_errors(case: str) -> None:
    changes, code, path = WRONG[case]
    found = [(one.code, one.path) for one in check(profile(*changes)) if one.weight is Weight.ERROR]
    assert (code, path) in found
    # One mistake is told as one, or as little more.
    assert len(found) <= 3, found


@pytest.mark.parametrize("case", DOUBTFUL)
def test_what_is_worth_a_look_is_a_warning_and_no_error(case: str) -> None:
    changes, code, path = DOUBTFUL[case]
    found = check(profile(*changes))
    assert (code, path) in [(one.code, one.path) for one in found]
    assert [one for one in found if one.weight is Weight.ERROR] == []


def test_all_of_it_is_told_at_once_errors_first() -> None:
    changes = [
        ('kind = "scan"', 'kind = "x-ray"'),
        ("low_c = 7", "low_c = 20"),
        ("hs_digits = 6", "hs_digits = 0"),
        ('seal_check = ["departure"]', 'seal_check = ["lading"]'),
    ]
    found = check(profile(*changes))
    codes = ["unknown-kind", "no-range", "unknown-milestone", "no-digits"]
    assert [one.code for one in found] == codes
    assert [one.weight.value for one in found] == ["error"] * 3 + ["warning"]
    assert all(one.says and one.todo.endswith(".") for one in found)


def test_a_promise_that_a_voyage_is_too_short_for_is_told_with_numbers() -> None:
    (found,) = check(
        profile(
            (
                PROMISE,
                'promise = "arrival - 72 h"',
            )
        )
    )
    assert "60 h" in found.says
    assert "12 h before 'departure'" in found.says
    assert '{ latest = ["arrival - 72 h", "departure"] }' in found.todo


def test_a_corridor_that_asks_nothing_is_told_so() -> None:
    text = CORRIDOR[: CORRIDOR.index("[route]")]
    (found,) = check(profile((CORRIDOR[len(text) :], "")))
    assert found.code == "no-route"


def test_milestones_beyond_number_cost_nothing() -> None:
    many = "\n".join(
        f'[milestones.m{number}]\ntitle = {{ en = "m", es = "m", fr = "m" }}\nkinds = ["arrival"]\n'
        f'places = ["A{chr(65 + number % 26)}"]'
        for number in range(900)
    )
    found = check(profile(("[legs.port]", f"{many}\n\n[legs.port]")))
    assert "too-many-milestones" in [one.code for one in found]
