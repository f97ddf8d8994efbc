"""Prometheus metrics of one service: a registry of its own, and numbers read when somebody asks."""

import logging
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ledger.telemetry import Gauge

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTERING = frozenset({"/v1/statements", "/entries"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_logger = logging.getLogger(__name__)


class Metrics:
    """Counts what passes, and shows it beside numbers of the ledger.

    Args:
        gauges: Numbers that are read when somebody asks, by name without the prefix `corridor_`.
    """

    def __init__(self, gauges: Mapping[str, Gauge] | None = None) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "corridor_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "corridor_http_request_seconds",
            "How long answering took.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._statements = Counter(
            "corridor_statements",
            "Statements submitted, by what became of them.",
            ("outcome", "code"),
            registry=self._registry,
        )
        self._refused = Counter(
            "corridor_http_heads_refused",
            "Heads that were refused before they were a request.",
            ("code",),
            registry=self._registry,
        )
        self._refusals = Counter(
            "corridor_refusals",
            "Requests refused to somebody: not allowed, not theirs to see, too many, not registered.",
            ("code",),
            registry=self._registry,
        )
        self._registry.register(_Gauges(gauges or {}))

    def request(self, route: str, method: str, status: int, seconds: float, problem: str | None) -> None:
        """Count an answered request.

        Args:
            route: Template of its path.
            method: Of HTTP.
            status: Of HTTP.
            seconds: How long it took.
            problem: Code of the problem it ended in, None if in none.
        """
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        if method == "POST" and route in REGISTERING:
            self._statements.labels(_outcome(route, status), problem or "").inc()

    def refused(self, code: str) -> None:
        """Count a head that was refused before it was a request, by the code of its problem."""
        self._refused.labels(code).inc()

    def refusal(self, code: str) -> None:
        """Count a request that was refused to whoever asked, by the code of its problem."""
        self._refusals.labels(code).inc()

    def page(self) -> bytes:
        """Return all of it in Prometheus's text format."""
        return generate_latest(self._registry)


def _outcome(route: str, status: int) -> str:
    if status >= 400:
        return "refused"
    # `/v1/statements` says 200, and `/entries` says 201 with the receipt, of what was there before.
    before = status == 200 or (route == "/entries" and status == 201)
    return "duplicate" if before else "registered"


class _Gauges(Collector):
    def __init__(self, gauges: Mapping[str, Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read every number; one that cannot be read now is left out, and the others are shown."""
        for name, (said, read) in self._gauges.items():
            try:
                value = read()
            except Exception:
                # A database that is away must not hide that the process lives.
                _logger.exception("metric %s cannot be read", name)
                continue
            if value is not None:
                yield GaugeMetricFamily(f"corridor_{name}", said, value=value)

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing: what is there is known when it is read."""
        return []
