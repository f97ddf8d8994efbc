"""Names that look like somebody's: who is enrolled under one speaks with another one's authority."""

import pytest

from ledger.enrolment.alike import same_place

EXPORTER = "https://exporter.example"
ALIKE = [
    "https://exporter.example/",
    "HTTPS://Exporter.EXAMPLE",
    "https://exporter.example:443",
    "https://exporter.example:443/",
    "https://exporter.example.",
    "https://ex%70orter.example",
    "https://port.example@exporter.example",
    "https://exporter.example?",
    "https://exporter.example#x",
    "http://exporter.example",
    "http://exporter.example:80",
]
OTHERS = [
    "https://exporter.example:8443",
    "https://exporter.example/branch",
    "https://exporter.example@port.example",
    "https://exp0rter.example",
    "https://exporter.example.port.example",
    "urn:lei:5493001KJTIIGC8Y1R12",
    "https://[exporter.example",
    "https://exporter.example:x",
]


@pytest.mark.parametrize("uri", ALIKE)
def test_what_only_is_written_otherwise_is_the_same(uri: str) -> None:
    assert same_place(EXPORTER, uri)
    assert same_place(uri, EXPORTER)


@pytest.mark.parametrize("uri", OTHERS)
def test_what_leads_elsewhere_is_another(uri: str) -> None:
    assert not same_place(EXPORTER, uri)
    assert same_place(uri, uri)
