import csv
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise

from ledger.demo.data.evidence_file import generator
from ledger.demo.data.reefer import Excursion, Reading, readings, to_csv, to_json
from ledger.demo.facts import Facts


def log(facts: Facts, excursion: Excursion | None = None, seed: int = 1) -> Sequence[Reading]:
    rng = generator(seed, "reefer")
    return readings(facts, rng, facts.times.stuffing_to, facts.times.arrival, excursion=excursion)


def test_the_log_goes_on_without_a_gap_until_arrival(facts: Facts) -> None:
    times = [datetime.fromisoformat(each.time) for each in log(facts)]
    step = timedelta(minutes=facts.reefer.log_every_min)
    assert times[0] == facts.times.stuffing_to
    assert facts.times.arrival - times[-1] < step
    assert all(later - earlier == step for earlier, later in pairwise(times))


def test_an_unbroken_cold_chain_stays_within_its_bounds(facts: Facts) -> None:
    reefer = facts.reefer
    for each in log(facts):
        assert abs(each.supply_c - reefer.set_point_c) <= reefer.supply_tolerance_c + 0.05
        assert reefer.alarm_below_c < each.pulp_c < reefer.alarm_above_c
        assert reefer.humidity_percent[0] <= each.humidity_percent <= reefer.humidity_percent[1]
        assert reefer.vent_m3_h[0] <= each.vent_m3_h <= reefer.vent_m3_h[1]
        assert not each.alarm


def test_the_pulp_was_as_warm_at_loading_as_the_facts_say_and_cools(facts: Facts) -> None:
    found = log(facts)
    least, most = facts.reefer.pulp_at_loading_c
    assert least - 0.2 <= found[0].pulp_c <= most + 0.2
    assert found[-1].pulp_c < found[0].pulp_c


def test_an_excursion_alarms_two_hours_after_the_pulp_is_too_warm(facts: Facts) -> None:
    stop = facts.times.sailing + timedelta(hours=40)
    found = log(facts, Excursion(stop, hours=14, peak_c=19.0))
    warm = [each for each in found if each.pulp_c > facts.reefer.alarm_above_c]
    alarms = [each for each in found if each.alarm]
    assert alarms
    waited = datetime.fromisoformat(alarms[0].time) - datetime.fromisoformat(warm[0].time)
    assert waited >= timedelta(hours=facts.reefer.alarm_after_h)
    off = [each for each in found if each.mode == "off"]
    assert len(off) == 14 * 60 // facts.reefer.log_every_min
    assert not any(each.alarm for each in found if datetime.fromisoformat(each.time) < stop)


def test_csv_and_json_hold_the_same_readings(facts: Facts) -> None:
    found = log(facts)
    rows = list(csv.DictReader(StringIO(to_csv(found).decode())))
    said = json.loads(to_json(facts, found))
    assert said["container"] == facts.identifiers.container
    assert len(rows) == len(said["readings"]) == len(found)
    for row, reading in zip(rows, said["readings"], strict=True):
        assert row["time"] == reading["time"]
        assert float(row["pulp_c"]) == reading["pulp_c"]
        assert row["alarm"] == str(reading["alarm"]).lower()


def test_the_same_seed_gives_the_same_log(facts: Facts) -> None:
    assert to_csv(log(facts)) == to_csv(log(facts))
    assert to_csv(log(facts)) != to_csv(log(facts, seed=2))


def test_a_log_that_is_read_out_earlier_holds_the_same_readings(facts: Facts) -> None:
    rng = generator(1, "reefer")
    earlier = readings(facts, rng, facts.times.stuffing_to, facts.times.dossier_ready)
    assert earlier == log(facts)[: len(earlier)]
