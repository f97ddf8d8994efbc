"""The portal's record in ANSI/IEEE N42.42-2012 (namespace `http://physics.nist.gov/N42/2011/N42`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

import numpy as np

from ledger.demo.data.portal import KEV_PER_CHANNEL, LEAD_S, WINDOWS_KEV, Passage
from ledger.demo.facts import Facts

NAMESPACE = "http://physics.nist.gov/N42/2011/N42"
_GAMMA, _NEUTRON, _CRYSTAL = "gamma-panels", "neutron-panels", "crystal"


def to_n42(facts: Facts, rng: np.random.Generator, at: datetime, passed: Passage) -> bytes:
    """Return one occupancy: background, the spectrum of the whole passage, every sample, and the analysis.

    Args:
        facts: Device, site and container.
        rng: Names the document.
        at: When the vehicle broke the first beam, with its offset.
        passed: What was counted.
    """
    started = at - timedelta(seconds=LEAD_S)
    identifier = UUID(bytes=rng.bytes(16), version=4)
    root = ET.Element(
        "RadInstrumentData",
        {"xmlns": NAMESPACE, "n42DocUUID": str(identifier), "n42DocDateTime": at.isoformat()},
    )
    _text(root, "RadInstrumentDataCreatorName", "Portal Example acquisition 2.3")
    _instrument(root, facts)
    item = ET.SubElement(root, "RadItemInformation", id="container")
    _text(item, "RadItemDescription", f"Container {facts.identifiers.container}, truck {facts.gate.truck}")
    for name, element, values in (
        (_CRYSTAL, "CoefficientValues", f"0 {KEV_PER_CHANNEL} 0"),
        (_GAMMA, "EnergyBoundaryValues", " ".join(map(str, WINDOWS_KEV))),
    ):
        calibration = ET.SubElement(root, "EnergyCalibration", id=f"{name}-calibration")
        _text(calibration, element, values)
    _background(root, facts, started, passed)
    _spectrum(root, facts, at, passed)
    _samples(root, facts, started, passed)
    _analysis(root, facts, at, passed)
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _instrument(root: ET.Element, facts: Facts) -> None:
    instrument = ET.SubElement(root, "RadInstrumentInformation", id="portal")
    _text(instrument, "RadInstrumentManufacturerName", "Portal Example")
    _text(instrument, "RadInstrumentIdentifier", facts.portal.device)
    _text(instrument, "RadInstrumentModelName", "Drive-through portal, four panels")
    _text(instrument, "RadInstrumentClassCode", "Portal Monitor")
    version = ET.SubElement(instrument, "RadInstrumentVersion")
    _text(version, "RadInstrumentComponentName", "Software")
    _text(version, "RadInstrumentComponentVersion", "2.3")
    for name, category, kind in (
        (_GAMMA, "Gamma", "PVT"),
        (_NEUTRON, "Neutron", "He3"),
        (_CRYSTAL, "Gamma", "NaI"),
    ):
        detector = ET.SubElement(root, "RadDetectorInformation", id=name)
        _text(detector, "RadDetectorCategoryCode", category)
        _text(detector, "RadDetectorKindCode", kind)


def _measurement(root: ET.Element, name: str, kind: str, at: datetime, seconds: float) -> ET.Element:
    measurement = ET.SubElement(root, "RadMeasurement", id=name)
    _text(measurement, "MeasurementClassCode", kind)
    _text(measurement, "StartDateTime", at.isoformat(timespec="milliseconds"))
    _text(measurement, "RealTimeDuration", f"PT{seconds:g}S")
    return measurement


def _channels(
    measurement: ET.Element, name: str, detector: str, seconds: float, counts: Sequence[int]
) -> None:
    spectrum = ET.SubElement(
        measurement,
        "Spectrum",
        id=f"{name}-{detector}",
        radDetectorInformationReference=detector,
        energyCalibrationReference=f"{detector}-calibration",
    )
    _text(spectrum, "LiveTimeDuration", f"PT{seconds:g}S")
    _text(spectrum, "ChannelData", " ".join(map(str, counts)))


def _neutrons(measurement: ET.Element, name: str, seconds: float, count: int) -> None:
    gross = ET.SubElement(
        measurement, "GrossCounts", id=f"{name}-{_NEUTRON}", radDetectorInformationReference=_NEUTRON
    )
    _text(gross, "LiveTimeDuration", f"PT{seconds:g}S")
    _text(gross, "CountData", str(count))


def _place(measurement: ET.Element, facts: Facts, *, occupied: bool) -> None:
    state = ET.SubElement(measurement, "RadInstrumentState", radInstrumentInformationReference="portal")
    point = ET.SubElement(ET.SubElement(state, "StateVector"), "GeographicPoint")
    _text(point, "LatitudeValue", str(facts.route.origin_at[0]))
    _text(point, "LongitudeValue", str(facts.route.origin_at[1]))
    _text(measurement, "OccupancyIndicator", str(occupied).lower())


def _background(root: ET.Element, facts: Facts, started: datetime, passed: Passage) -> None:
    name, seconds = "Background", passed.background_s
    measurement = _measurement(root, name, name, started - timedelta(seconds=seconds), seconds)
    _channels(measurement, name, _GAMMA, seconds, passed.background_gamma.tolist())
    _channels(measurement, name, _CRYSTAL, seconds, passed.background_spectrum.tolist())
    _neutrons(measurement, name, seconds, passed.background_neutron)
    _place(measurement, facts, occupied=False)


def _spectrum(root: ET.Element, facts: Facts, at: datetime, passed: Passage) -> None:
    seconds = round(facts.portal.passage_s, 3)
    measurement = _measurement(root, "Occupancy", "Foreground", at, seconds)
    _channels(measurement, "Occupancy", _CRYSTAL, seconds, passed.spectrum.tolist())
    _place(measurement, facts, occupied=True)


def _samples(root: ET.Element, facts: Facts, started: datetime, passed: Passage) -> None:
    seconds = facts.portal.sample_s
    samples = zip(passed.gamma.tolist(), passed.neutron.tolist(), passed.occupied.tolist(), strict=True)
    for number, (gamma, neutron, occupied) in enumerate(samples):
        name = f"Survey{number + 1}"
        began = started + timedelta(seconds=number * seconds)
        measurement = _measurement(root, name, "Foreground", began, seconds)
        _channels(measurement, name, _GAMMA, seconds, gamma)
        _neutrons(measurement, name, seconds, neutron)
        _text(measurement, "OccupancyIndicator", str(occupied).lower())


def _analysis(root: ET.Element, facts: Facts, at: datetime, passed: Passage) -> None:
    results = ET.SubElement(root, "AnalysisResults", radMeasurementReferences="Occupancy")
    ended = at + timedelta(seconds=facts.portal.passage_s)
    _text(results, "AnalysisStartDateTime", ended.isoformat(timespec="milliseconds"))
    _text(results, "AnalysisAlgorithmName", "Sliding second above background")
    limit = facts.portal.alarm_sigma
    found = f"highest second {passed.alarm:+.1f} sigma against background, limit {limit:+.1f}"
    _text(results, "AnalysisResultDescription", f"{'Alarm' if passed.alarmed else 'No alarm'}: {found}")
    if passed.alarmed:
        alarm = ET.SubElement(results, "RadAlarm", id="alarm", radDetectorInformationReferences=_GAMMA)
        _text(alarm, "RadAlarmCategoryCode", "Gamma")
        _text(alarm, "RadAlarmDescription", found)
