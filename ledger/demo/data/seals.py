"""Records of seals: what is on the box, what a look at it found, what their maker certifies."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from ledger.demo.data.record import record
from ledger.demo.facts import Facts

_ALL_INTACT: Mapping[str, str] = MappingProxyType({})


def expected_seals(facts: Facts) -> list[dict[str, str]]:
    """Return the seals of the facts in the members that statements give them: number, kind, standard, on."""
    return [
        {"number": facts.seals.bolt, "kind": "bolt", "standard": "ISO 17712 H", "on": "doors"},
        {"number": facts.seals.customs, "kind": "marchamo", "on": "doors"},
        {"number": facts.seals.machinery_sticker, "kind": "sticker", "on": "machinery"},
    ]


def seal_check(
    facts: Facts,
    at: datetime,
    *,
    place: str,
    by: str,
    states: Mapping[str, str] = _ALL_INTACT,
) -> bytes:
    """Return the record of one look at the seals: number, kind, place and state of each.

    Args:
        facts: The seals that were seen; changed ones for a seal that was replaced or cloned.
        at: When it was looked at.
        place: UN/LOCODE or name.
        by: Pseudonym of who looked.
        states: `broken` or `missing` where a seal is not `intact`, by its number.
    """
    found = [seal | {"state": states.get(seal["number"], "intact")} for seal in expected_seals(facts)]
    return record(
        {
            "record": "seal-check",
            "container": facts.identifiers.container,
            "checked_at": at.isoformat(),
            "place": place,
            "by": by,
            "method": "view, verify, tug, twist",
            "seals_found": found,
        }
    )


def seal_certificate(facts: Facts) -> bytes:
    """Return what the maker of the bolt seal certifies: class H by the three tests of ISO 17712."""
    return record(
        {
            "record": "seal-certificate",
            "maker": facts.seals.bolt_maker,
            "model": "Bolt 18 mm",
            "numbers": [facts.seals.bolt, facts.seals.bolt_after_inspection],
            "standard": "ISO 17712:2013",
            "class": "H",
            # Class H asks for 10.0 kN, 3.336 kN, 50 N m and 40.68 J at least (ISO 17712:2013, clause 5).
            "tested": {"tensile_kn": 15.1, "shear_kn": 3.9, "bending_nm": 61, "impact_j": 41},
            "tamper_evident_clause": 6,
        }
    )
