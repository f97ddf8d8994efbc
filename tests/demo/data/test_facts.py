import tomllib
from datetime import timedelta
from importlib.resources import files

import pytest
from stdnum import ean, imo, iso6346

from ledger.demo.facts import Facts
from ledger.domain.errors import MalformedError

DOCUMENT = files("ledger.demo").joinpath("facts.toml").read_text()


def test_weights_add_up_to_the_verified_gross_mass(facts: Facts) -> None:
    load = facts.load
    assert (load.cartons, load.net_kg, load.gross_kg, load.vgm_kg) == (1500, 17_700, 19_500, 24_580)


def test_identifiers_that_have_a_check_digit_carry_the_right_one(facts: Facts) -> None:
    for container in (facts.identifiers.container, facts.exceptions.other_container):
        assert iso6346.is_valid(container)
    for vessel in (facts.identifiers.imo, facts.exceptions.next_imo):
        assert imo.is_valid(vessel)
    assert ean.is_valid(facts.identifiers.gtin)


def test_the_times_are_those_of_the_voyage(facts: Facts) -> None:
    times = facts.times
    assert times.lading - times.filings_due == timedelta(hours=24)
    assert times.arrival - times.dossier_ready == timedelta(hours=64)
    at_sea = facts.route.distance_nm / facts.route.speed_kn / 24
    assert at_sea == pytest.approx(facts.route.sea_days, abs=0.05)


def test_the_portal_sees_the_truck_for_as_long_as_portals_do(facts: Facts) -> None:
    least, most = facts.portal.occupancy_s
    assert least <= facts.portal.passage_s <= most
    assert 0.1 <= facts.portal.sample_s <= 0.2
    least, most = facts.portal.shielding_percent
    assert least <= 100 * facts.portal.shielding <= most


def test_values_without_a_source_are_marked(facts: Facts) -> None:
    assert {"load.net_kg_per_carton", "reefer.set_point_c", "identifiers.container"} <= facts.trade_practice
    assert not {"route.distance_nm", "tariff.hts", "xray.pixels"} & facts.trade_practice


def test_a_user_can_change_a_value() -> None:
    assert Facts.parse(DOCUMENT.replace("pallets = 20", "pallets = 18").encode()).load.cartons == 1350


BAD = {
    "no-toml": ("[route]", "[route", None),
    "no-such-value": ("pallets = 20", "pallets = 20\ncrates = 3", "load.crates"),
    "value-missing": ("pallets = 20\n", "", "load.pallets"),
    "text-for-a-number": ("pallets = 20", 'pallets = "a few"', "load.pallets"),
    "negative-mass": ("tare_kg = 4640", "tare_kg = -4640", "load.tare_kg"),
    "time-without-offset": ("13:00:00-06:00", "13:00:00", "times.stuffing_from"),
    "range-upside-down": ("[85.0, 90.0]", "[90.0, 85.0]", "reefer.humidity_percent"),
    "practice-of-nothing": ('practice = ["lane"', 'practice = ["weather", "lane"', "gate"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_broken_file_is_refused_with_the_name_of_the_value(name: str) -> None:
    found, put, field = BAD[name]
    assert found in DOCUMENT
    with pytest.raises(MalformedError) as refused:
        Facts.parse(DOCUMENT.replace(found, put, 1).encode())
    assert refused.value.field == field


def test_no_organisation_of_the_story_is_named_like_a_real_one() -> None:
    parties = tomllib.loads(DOCUMENT)["parties"]
    assert all("Example" in name for key, name in parties.items() if key not in {"practice", "exporter_nit"})


@pytest.mark.parametrize(
    ("table", "values", "field"),
    [("load", {"crates": 3}, "load.crates"), ("weather", {"rain": True}, "weather")],
    ids=["no-such-value", "no-such-table"],
)
def test_a_change_to_what_is_not_there_is_refused(
    facts: Facts, table: str, values: dict[str, object], field: str
) -> None:
    with pytest.raises(MalformedError) as refused:
        facts.changed(table, **values)
    assert refused.value.field == field
