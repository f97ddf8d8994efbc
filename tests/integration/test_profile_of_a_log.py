"""A log begins with the rules that somebody chose, and keeps them."""

import logging
from pathlib import Path

import pytest

from ledger.corridors.shipped import shipped_profile
from ledger.domain.errors import CorridorError, MalformedError, NotFoundError, UsageError
from tests.chain.chains import Hands
from tests.integration.stage import a_ledger


def test_a_log_begins_with_the_shipped_profile_that_was_chosen_and_keeps_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = shipped_profile("guatemala-us")
    with a_ledger(tmp_path / "ledger", Hands(), profile_setting="guatemala-us") as ledger:
        assert ledger.profile.document == chosen.document
        assert ledger.genesis.profile == chosen.hash
    caplog.set_level(logging.WARNING)
    for other in ("guatemala-us", "east-africa-transit", str(tmp_path / "gone.toml")):
        caplog.clear()
        with a_ledger(tmp_path / "ledger", Hands(), profile_setting=other) as ledger:
            assert ledger.profile.document == chosen.document
        kept = [one for one in caplog.messages if "keeps the profile" in one]
        assert len(kept) == (other != "guatemala-us")
        assert all("guatemala-us version 1" in one and other in one for one in kept)


def test_a_log_begins_with_a_profile_of_ones_own(tmp_path: Path) -> None:
    own = shipped_profile("guatemala-us").document.replace(b'"guatemala-us"', b'"our-corridor"')
    (tmp_path / "ours.toml").write_bytes(own)
    with a_ledger(tmp_path / "ledger", Hands(), profile_setting=str(tmp_path / "ours.toml")) as ledger:
        assert (ledger.profile.id, ledger.profile.document) == ("our-corridor", own)


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (None, NotFoundError, "no-profile"),
        (b"[corridor]\n", UsageError, "missing-field"),
        (b"\xff", UsageError, "toml-syntax"),
        (b"#" * 131_073, UsageError, "too-large"),
    ],
    ids=["no file", "no profile", "no text", "too large"],
)
def test_no_log_begins_with_rules_that_there_are_not(
    tmp_path: Path, content: bytes | None, kind: type[CorridorError], code: str
) -> None:
    path = tmp_path / "bad.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind) as caught, a_ledger(tmp_path / "ledger", Hands(), profile_setting=str(path)):
        pass
    assert caught.value.code == code
    assert not isinstance(caught.value, MalformedError)
    assert "bad.toml" in caught.value.message
    assert not (tmp_path / "ledger" / "keys").exists()
    with a_ledger(tmp_path / "ledger", Hands()) as ledger:
        assert ledger.profile.id == "foundation"
