"""The profiles that come with the package: whole, in step with what they are made of, sensible."""

from hashlib import sha256
from importlib.resources import files

import pytest

from ledger.corridors.profile import foundation_profile
from ledger.corridors.rules import Due, Term
from ledger.corridors.shipped import SHIPPED, shipped_profile
from ledger.domain.errors import NotFoundError
from tests.corridors.make_profiles import SHIPPED as MADE
from tests.corridors.make_profiles import profile_text

FOUNDATION = "fcc62a969d398196f054d6bf61a00b188976e3e73f791d3175e4673a187ad5c2"
CORRIDORS = [name for name in SHIPPED if name != "foundation"]


def test_every_shipped_corridor_is_made_of_parts() -> None:
    assert sorted(CORRIDORS) == sorted(MADE)


@pytest.mark.parametrize("name", CORRIDORS)
def test_a_shipped_profile_is_what_its_parts_make(name: str) -> None:
    written = files("ledger.corridors").joinpath(f"{name}.toml").read_text("utf-8")
    assert written == profile_text(name), "run `make profiles`"


@pytest.mark.parametrize("name", CORRIDORS)
def test_a_shipped_profile_says_all_that_the_foundation_says(name: str) -> None:
    foundation, profile = foundation_profile(), shipped_profile(name)
    assert profile.id == name
    assert set(foundation.roles) <= set(profile.roles)
    assert list(foundation.kinds) == list(profile.kinds)
    assert foundation.categories == profile.categories
    assert all(said.roles <= profile.roles_for(kind) for kind, said in foundation.kinds.items())


def test_the_foundation_asks_nothing_of_shipments() -> None:
    assert shipped_profile("foundation").rules is None
    # Logs are begun with these bytes: a change is a new version.
    assert sha256(foundation_profile().document).hexdigest() == FOUNDATION


def test_the_deadlines_of_the_united_states_are_those_of_the_law() -> None:
    for name in ("guatemala-us", "guatemala-pacific-us"):
        rules = shipped_profile(name).rules
        assert rules is not None
        required = rules.required
        assert required["advance-manifest"].due == Due((Term("lading", -24),))
        assert required["importer-security-filing"].due == Due((Term("lading", -24),))
        assert required["importer-security-filing"].until == Due((Term("arrival-us", -24),))
        assert required["stow-plan"].due == Due((Term("departure", 48), Term("arrival-us")), "earliest")
        assert required["prior-notice"].due == Due((Term("arrival-us", -8),))
        filings = {name for name, need in required.items() if not need.origin}
        assert {"advance-manifest", "importer-security-filing", "stow-plan", "prior-notice"} <= filings
    rules = shipped_profile("guatemala-us").rules
    assert rules is not None
    assert (rules.promise_hours, rules.promise) == (
        48,
        Due((Term("arrival", -48), Term("lading")), "latest"),
    )


def test_no_other_profile_is_shipped() -> None:
    with pytest.raises(NotFoundError, match="guatemala-us"):
        shipped_profile("../foundation")
