from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import SpecUtils

from ledger.demo.data.evidence_file import generator
from ledger.demo.data.n42 import NAMESPACE, to_n42
from ledger.demo.data.portal import CHANNELS, LEAD_S, passage
from ledger.demo.facts import Facts

N42 = {"n42": NAMESPACE}


def record(facts: Facts, *, treated_driver: bool = False, seed: int = 1) -> bytes:
    rng = generator(seed, "portal")
    passed = passage(facts, rng, treated_driver=treated_driver)
    return to_n42(facts, rng, facts.times.gate_in, passed)


def opened(data: bytes, folder: Path) -> Any:
    """Return the record as the reference reader of N42.42 reads it."""
    path = folder / "portal.n42"
    path.write_bytes(data)
    file = SpecUtils.SpecFile()
    file.loadFile(str(path), SpecUtils.ParserType.N42_2012)
    return file


def samples(file: Any) -> Sequence[Any]:
    return [each for each in file.measurements() if each.numGammaChannels() == 2 and each.realTime() < 1]


def occupied(measurement: Any) -> bool:
    return bool(measurement.occupied() == SpecUtils.OccupancyStatus.Occupied)


def highest_second(file: Any, facts: Facts) -> float:
    """Return the highest sliding second above the record's own background, in standard deviations."""
    counts = [each.gammaCountSum() for each in samples(file)]
    [background] = [
        each.gammaCountSum() / each.realTime()
        for each in file.measurements()
        if each.realTime() > 30 and each.numGammaChannels() == 2
    ]
    width = round(1 / facts.portal.sample_s)
    sums = [sum(counts[start : start + width]) for start in range(len(counts) - width + 1)]
    return float((max(sums) - background) / np.sqrt(background))


def test_the_reference_reader_reads_the_record_without_a_complaint(facts: Facts, tmp_path: Path) -> None:
    file = opened(record(facts), tmp_path)
    assert list(file.parseWarnings()) == []
    assert (file.passthrough(), file.portalOrSearch()) == (True, True)
    assert (file.instrumentId(), file.manufacturer()) == (facts.portal.device, "Portal Example")
    assert file.meanLatitude() == pytest.approx(facts.route.origin_at[0], abs=1e-4)
    least, most = facts.portal.occupancy_s
    seconds = sum(each.realTime() for each in samples(file) if occupied(each))
    assert least <= seconds <= most
    assert seconds == pytest.approx(facts.portal.passage_s, abs=facts.portal.sample_s)


def test_counts_dip_below_background_although_the_fruit_adds_to_them(facts: Facts, tmp_path: Path) -> None:
    file = opened(record(facts), tmp_path)
    within = [each.gammaCountSum() for each in samples(file) if occupied(each)]
    rate = np.mean(within[20:-20]) / facts.portal.sample_s
    truth = facts.portal.background_cps * (1 - facts.portal.shielding) + facts.potassium.counts_cps
    assert rate == pytest.approx(truth, rel=0.02)
    least, most = (1 - percent / 100 for percent in facts.portal.shielding_percent)
    assert most * facts.portal.background_cps < rate < least * facts.portal.background_cps


def test_without_potassium_the_dip_would_be_deeper(facts: Facts) -> None:
    none = facts.changed("potassium", counts_cps=1e-9)
    rates = []
    for each in (facts, none):
        passed = passage(each, generator(1, "portal"))
        rates.append(passed.gamma.sum(axis=1)[passed.occupied].mean() / facts.portal.sample_s)
    assert 80 < rates[0] - rates[1] < 160


def test_neutrons_stay_at_a_few_a_second(facts: Facts, tmp_path: Path) -> None:
    each_second = [each.neutronCountsSum() for each in samples(opened(record(facts), tmp_path))]
    rate = sum(each_second) / (len(each_second) * facts.portal.sample_s)
    assert 0 <= rate <= 5
    assert rate == pytest.approx(facts.portal.neutrons_cps, abs=1.0)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_simple_rule_alarms_for_the_treated_driver_only(facts: Facts, tmp_path: Path, seed: int) -> None:
    limit = facts.portal.alarm_sigma
    quiet, alarm = (record(facts, treated_driver=each, seed=seed) for each in (False, True))
    assert highest_second(opened(quiet, tmp_path), facts) < limit
    assert highest_second(opened(alarm, tmp_path), facts) > 2 * limit
    assert ET.fromstring(quiet).find(".//n42:RadAlarm", N42) is None
    assert ET.fromstring(alarm).findtext(".//n42:RadAlarmCategoryCode", namespaces=N42) == "Gamma"


def test_the_alarm_is_a_narrow_peak_at_the_cab(facts: Facts, tmp_path: Path) -> None:
    measured = samples(opened(record(facts, treated_driver=True), tmp_path))
    peak = int(np.argmax(np.convolve([each.gammaCountSum() for each in measured], np.ones(5), "same")))
    seconds = peak * facts.portal.sample_s - LEAD_S
    assert 0 < seconds < 3


def test_the_spectrum_shows_iodine_only_when_there_is_some(facts: Facts, tmp_path: Path) -> None:
    def peak(data: bytes) -> float:
        [spectrum] = [
            each
            for each in opened(data, tmp_path).measurements()
            if each.numGammaChannels() == CHANNELS and occupied(each)
        ]
        kev = facts.portal.medical_kev
        inside = spectrum.gammaIntegral(kev - 30, kev + 30)
        beside = spectrum.gammaIntegral(kev - 70, kev - 40) + spectrum.gammaIntegral(kev + 40, kev + 70)
        return float((inside - beside) / np.sqrt(beside))

    assert peak(record(facts)) < 4
    assert peak(record(facts, treated_driver=True)) > 8


ORDER = {
    "RadMeasurement": (
        *("MeasurementClassCode", "StartDateTime", "RealTimeDuration", "Spectrum", "GrossCounts"),
        *("RadInstrumentState", "OccupancyIndicator"),
    ),
    "AnalysisResults": (
        *("AnalysisStartDateTime", "AnalysisAlgorithmName", "AnalysisResultDescription", "RadAlarm"),
    ),
}


@pytest.mark.parametrize("parent", ORDER)
def test_elements_stand_in_the_order_of_the_schema(facts: Facts, parent: str) -> None:
    root = ET.fromstring(record(facts, treated_driver=True))
    for element in root.iter(f"{{{NAMESPACE}}}{parent}"):
        places = [ORDER[parent].index(child.tag.rpartition("}")[2]) for child in element]
        assert places == sorted(places)


def test_every_reference_names_something_in_the_record(facts: Facts) -> None:
    root = ET.fromstring(record(facts, treated_driver=True))
    names = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(names) == len(set(names))
    for element in root.iter():
        referred = [value for key, value in element.attrib.items() if "Reference" in key]
        assert {each for value in referred for each in value.split()} <= set(names)


def test_the_same_seed_gives_the_same_record(facts: Facts) -> None:
    assert record(facts) == record(facts)
    assert record(facts) != record(facts, seed=2)
