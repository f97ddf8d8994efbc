"""The operator goes by what verifiers of dossiers go by, and the ways of asking it agree."""

from dataclasses import replace
from pathlib import Path

from ledger.catalogue.decided import Decided
from ledger.corridors.rules import CorridorRules
from ledger.prearrival.arrivals import Arrivals
from tests.builders import CUSTOMS, EXPORTER, NOON
from tests.catalogue.office import CARRIER
from tests.prearrival.quay import HERE, HOUR, RULES, Quay, a_profile, a_quay, arrivals_of

ETA = NOON + 100 * HOUR


def absent(arrivals: Arrivals, uri: str) -> set[str]:
    """Return the roles of which the operator's assessment says that nobody said anything."""
    found = arrivals.assessment(uri, EXPORTER)["checks"]
    return {one["owed_by"] for check in found for one in check["findings"] if one["code"] == "party-absent"}


def test_a_role_takes_part_when_it_lets_its_organisation_say_what_it_said(tmp_path: Path) -> None:
    rules = replace(RULES, parties=frozenset({"carrier", "lab"}))
    profile = a_profile(rules)
    assert (profile.may_say("status", {"carrier"}), profile.may_say("status", {"lab"})) == (True, False)
    with a_quay(tmp_path, rules=rules) as quay:
        goods, trip = quay.goods()
        quay.carried(goods, trip, ETA)
        roles = HERE | {CARRIER: frozenset({"carrier", "lab"})}
        arrivals = arrivals_of(quay.office, profile, roles=roles)
        assert absent(arrivals, goods.uri) == {"lab"}


def test_what_changes_in_the_registry_is_seen_without_a_new_statement(tmp_path: Path) -> None:
    rules = CorridorRules(parties=frozenset({"exporter"}))
    with a_quay(tmp_path, rules=rules) as quay:
        goods = quay.goods()[0]
        roles: dict[str, frozenset[str]] = {EXPORTER: frozenset()}
        arrivals = arrivals_of(quay.office, a_profile(rules), roles=roles)
        assert absent(arrivals, goods.uri) == {"exporter"}
        roles[EXPORTER] = HERE[EXPORTER]
        assert absent(arrivals, goods.uri) == set()


def test_delivery_of_a_container_is_the_same_wherever_it_is_asked_for(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    quay.office.says(CUSTOMS, "decision", goods, {"delivery": "blocked"})
    decided = Decided(quay.office.catalogue, HERE.__getitem__)
    for uri in (goods.uri, trip.uri):
        assert quay.arrivals.assessment(uri, CUSTOMS)["arrival"]["delivery"] == "blocked"
        assert decided.of(uri, CUSTOMS).delivery == "blocked"
    assert [one["delivery"] for one in quay.items(CUSTOMS)] == ["blocked"]
