"""Distances on the Earth, WGS 84, in kilometres."""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, radians, sin, sqrt

from geographiclib.geodesic import Geodesic

_EARTH_KM = 6371.0
_WRONG = 0.006
"""By which share at most a distance on a sphere is wrong."""
_LEAST_KM = 0.001


@dataclass(frozen=True, slots=True)
class Point:
    """A point on the Earth.

    Args:
        latitude: Degrees north.
        longitude: Degrees east.
    """

    latitude: float
    longitude: float


def km_between(one: Point, other: Point) -> float:
    """Return how far two points are apart."""
    found = Geodesic.WGS84.Inverse(
        one.latitude, one.longitude, other.latitude, other.longitude, Geodesic.DISTANCE
    )
    return float(found["s12"]) / 1000


def is_farther(one: Point, other: Point, km: float) -> bool:
    """Return whether two points are farther apart than a distance; quick where that is plain."""
    rough = _rough_km(one, other)
    if abs(rough - km) > _WRONG * rough + _LEAST_KM:
        return rough > km
    return km_between(one, other) > km


def km_off(start: Point, end: Point, point: Point) -> float:
    """Return how far a point is from the shortest way between two others, on a sphere: 0.6 % wrong at most.

    Args:
        start: Where the way begins.
        end: Where it ends.
        point: The point.
    """
    length, there, to_end = _rough_km(start, end), _rough_km(start, point), _rough_km(end, point)
    turn = radians(_course(start, point) - _course(start, end))
    if length == 0 or cos(turn) <= 0 or _along(there, turn) >= length:
        return min(there, to_end)
    across = abs(asin(sin(there / _EARTH_KM) * sin(turn))) * _EARTH_KM
    return min(across, there, to_end)


def _along(km: float, turn: float) -> float:
    """Return how far along a great circle the foot of a point lies."""
    return atan2(sin(km / _EARTH_KM) * cos(turn), cos(km / _EARTH_KM)) * _EARTH_KM


def _course(one: Point, other: Point) -> float:
    """Return in which direction another point lies, degrees, on a sphere."""
    first, second = radians(one.latitude), radians(other.latitude)
    apart = radians(other.longitude - one.longitude)
    east = sin(apart) * cos(second)
    north = cos(first) * sin(second) - sin(first) * cos(second) * cos(apart)
    return degrees(atan2(east, north))


def _rough_km(one: Point, other: Point) -> float:
    """Return how far two points are apart on a sphere (haversine)."""
    first, second = radians(one.latitude), radians(other.latitude)
    height, width = second - first, radians(other.longitude - one.longitude)
    half = sin(height / 2) ** 2 + cos(first) * cos(second) * sin(width / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
