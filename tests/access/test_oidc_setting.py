"""What the settings may say of an identity provider, and that what makes no sense is refused at the start."""

from pathlib import Path

import pytest

from ledger.config import load_settings
from ledger.domain.errors import UsageError
from tests.builders import CUSTOMS, EXPORTER

GOOD = f"""
[[oidc]]
issuer = "https://login.customs.example"
audience = "corridor-ledger"
organisation = "{CUSTOMS}"
required_claims = {{ groups = "officers", mfa = true, level = 2 }}
[[oidc]]
issuer = "https://login.government.example/realms/a"
audience = "corridor-ledger"
organisation_claim = "agency"
organisations = {{ customs = "{CUSTOMS}", agriculture = "{EXPORTER}" }}
algorithms = ["RS256"]
leeway_seconds = 0
max_age_seconds = 60
"""
FIRST = f"""
[[oidc]]
issuer = "https://login.customs.example"
audience = "corridor-ledger"
organisation = "{CUSTOMS}"
"""


def test_providers_are_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "corridor.toml").write_text(GOOD)
    one, other = (setting.provider() for setting in load_settings(tmp_path, {}).oidc)
    assert (one.organisation, one.required) == (CUSTOMS, {"groups": "officers", "mfa": True, "level": 2})
    assert sorted(one.algorithms) == ["ES256", "EdDSA", "PS256", "RS256"]
    assert (other.organisation, other.organisations["customs"]) == (None, CUSTOMS)
    assert (other.algorithms, other.leeway_seconds, other.max_age_seconds) == (("RS256",), 0, 60)


BAD: dict[str, str] = {
    "an issuer twice": FIRST + FIRST,
    "an issuer in the clear": FIRST.replace("https://login", "http://login"),
    "an issuer with a query": FIRST.replace("customs.example", "customs.example/?a=b", 1),
    "no issuer": FIRST.replace('issuer = "https://login.customs.example"', ""),
    "no audience": FIRST.replace('audience = "corridor-ledger"', ""),
    "an empty audience": FIRST.replace("corridor-ledger", ""),
    "no organisation": FIRST.replace(f'organisation = "{CUSTOMS}"', ""),
    "an organisation that is none": FIRST.replace(CUSTOMS, "customs"),
    "two ways to tell the organisation": FIRST
    + 'organisation_claim = "a"\norganisations = { a = "urn:b" }\n',
    "a claim without a map": FIRST.replace(f'organisation = "{CUSTOMS}"', 'organisation_claim = "a"'),
    "a map without a claim": FIRST + 'organisations = { a = "urn:b" }\n',
    "a map to what is no organisation": FIRST.replace(
        f'organisation = "{CUSTOMS}"', 'organisation_claim = "a"\norganisations = { a = "b" }'
    ),
    "no signature": FIRST + 'algorithms = ["none"]\n',
    "a shared secret": FIRST + 'algorithms = ["HS256"]\n',
    "no algorithm": FIRST + "algorithms = []\n",
    "a claim of lists": FIRST + 'required_claims = { groups = ["a"] }\n',
    "a clock that may be anything": FIRST + "leeway_seconds = 3600\n",
    "tokens of any age": FIRST + "max_age_seconds = 864000\n",
    "a member that nobody knows": FIRST + 'jwks_uri = "https://evil.example"\n',
    "no list": 'oidc = "https://login.customs.example"\n',
}


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense_is_refused_at_the_start(tmp_path: Path, case: str) -> None:
    (tmp_path / "corridor.toml").write_text(BAD[case])
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path, {})
    assert caught.value.code == "settings-invalid"
    assert "oidc" in caught.value.message
