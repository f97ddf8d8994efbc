"""Bodies as anybody may sign them: what a member should be, and what it should not be."""

from typing import Any

from hypothesis import strategies as st

from tests.domain.custody_story import clock

_NAMES = st.text(max_size=8).filter(lambda name: name not in ("_sd", "_sd_alg", "..."))
_JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e9, 1e9)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)
_TIMES = st.floats(-50, 300, allow_nan=False).map(clock) | st.just("0001-01-01T00:00:00+14:00")
_PLACES = st.sampled_from(["GTPBR", "USILG", "USPEF", "NLRTM", "Puerto Barrios", "", "GT"])
_BOXES = st.sampled_from(["MSKU1234565", "TCLU4000009", "nothing", "MSKU1234560"])
_AMOUNTS = st.floats(0, 40_000, allow_nan=False) | st.integers(0, 40_000)
_ENTRIES = st.fixed_dictionaries(
    {
        "milestone": st.sampled_from(["lading", "departure", "arrival-us", "arrival", "gate-in", "nowhere"]),
        "classifier": st.sampled_from(["PLN", "EST", "ACT", "est"]),
        "at": _TIMES,
    },
    optional={"place": _PLACES, "terminal": st.text(max_size=3)},
)
_ROWS = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["bill-of-lading", "invoice", "loading", "discharge", "issued"])},
        optional={"value": st.sampled_from(["A1", "USILG", "2026-11-06"]) | _JUNK},
    ),
    max_size=3,
)
_PAPERS = st.lists(
    st.fixed_dictionaries(
        {
            "document": st.sampled_from(
                ["commercial-invoice", "packing-list", "bill-of-lading", "verified-gross-mass"]
            )
        },
        optional={
            "numbers": _ROWS,
            "places": _ROWS,
            "dates": _ROWS,
            "parties": st.lists(
                st.fixed_dictionaries(
                    {"role": st.sampled_from(["exporter", "consignee"])}, optional={"name": _JUNK}
                ),
                max_size=2,
            ),
            "containers": st.lists(
                st.fixed_dictionaries({"number": _BOXES}, optional={"gross_kg": _AMOUNTS}), max_size=2
            ),
            "goods": st.lists(
                st.fixed_dictionaries({}, optional={"hs": _JUNK, "net_kg": _AMOUNTS}), max_size=2
            ),
            "totals": st.fixed_dictionaries({}, optional={"packages": _AMOUNTS, "gross_kg": _AMOUNTS}),
        },
    ),
    max_size=2,
)
_SEALS = st.lists(
    st.fixed_dictionaries(
        {"number": st.sampled_from(["B1", "B2"])}, optional={"on": st.sampled_from(["doors", "machinery"])}
    ),
    min_size=1,
    max_size=1,
)
_GOOD: dict[str, st.SearchStrategy[Any]] = {
    "schedule": st.lists(_ENTRIES, max_size=3),
    "documents": st.lists(st.sampled_from(["packing-list", "importer-security-filing", "entry"]), max_size=2),
    "papers": _PAPERS,
    "place": _PLACES,
    "container": _BOXES,
    "occurred_at": _TIMES,
    "hts": st.sampled_from(["0804.30.40", "09"]),
    "packages": st.integers(0, 2_000),
    "weights": st.fixed_dictionaries(
        {}, optional={"net_kg": _AMOUNTS, "gross_kg": _AMOUNTS, "vgm_kg": _AMOUNTS, "measured_kg": _AMOUNTS}
    ),
    "seals_found": _SEALS,
    "seals_applied": _SEALS,
    "seals_removed": _SEALS,
    "doors": st.sampled_from(["opened", "closed"]),
    "alarm": st.booleans(),
    "conclusion": st.sampled_from(["clear", "suspect"]),
    "concluded_by": st.sampled_from(["person", "algorithm"]),
    "delivery": st.sampled_from(["blocked", "free"]),
    "decision": st.sampled_from(["release", "hold", "exam"]),
    "positions": st.lists(
        st.fixed_dictionaries(
            {"at": _TIMES, "latitude": st.floats(-90, 90), "longitude": st.floats(-180, 180)}
        ),
        max_size=3,
    ),
    "temperature": st.dictionaries(
        st.sampled_from(["minutes_below", "minutes_above", "least_c", "greatest_c", "from", "to", "step_s"]),
        _AMOUNTS | _TIMES,
        max_size=7,
    ),
    "alert": st.fixed_dictionaries({"kind": st.text(max_size=5)}, optional={"at": _TIMES}),
    "links": _JUNK,
    "vessel": st.fixed_dictionaries({}, optional={"imo": st.just("9074729"), "name": st.just("Q")}),
}


def bodies() -> st.SearchStrategy[dict[str, Any]]:
    """Return bodies with some known members, each as it should be or not."""
    members = {name: good | _JUNK for name, good in _GOOD.items()}
    return st.fixed_dictionaries({}, optional=members)
