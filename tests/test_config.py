"""Settings: where they come from, what is refused, and that the operations guide lists every one of them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from ledger.config import ONLY_IN_FILE, Settings, load_settings
from ledger.domain.errors import UnavailableError, UsageError

GUIDE = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")


def load(
    folder: Path, text: str = "", environment: Mapping[str, str] | None = None, **flags: Any
) -> Settings:
    (folder / "corridor.toml").write_text(text)
    return load_settings(folder, environment or {}, **flags)


def shown(default: object) -> str:
    """Return a default as the guide writes it."""
    if default is PydanticUndefined:
        return "(required)"
    if default is None or default == ():
        return "(none)"
    return ", ".join(default) if isinstance(default, tuple) else str(default)


def test_the_guide_lists_every_setting_with_its_default_and_meaning() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+)` \| (.*?) \| (.*?) \|$", GUIDE.split("## 3. Settings")[1], re.MULTILINE
    )
    listed = {name: (default, meaning) for name, default, meaning in rows}
    assert listed == {
        name: (shown(field.default), field.description) for name, field in Settings.model_fields.items()
    }


def test_the_guide_says_which_settings_only_the_file_has() -> None:
    said = re.search(r"Lists \((.*?)\) only in the file", GUIDE)
    assert said is not None
    assert set(re.findall(r"`([a-z]+)`", said[1])) == ONLY_IN_FILE


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    text = "port = 1\nquorum = 0\nfuture_seconds = 7\n"
    environment = {"CORRIDOR_PORT": "2", "CORRIDOR_FINALITY_DEPTH": "9", "CORRIDOR_UNKNOWN": "x"}
    settings = load(tmp_path, text, environment, port=3, origin=None)
    assert (settings.port, settings.finality_depth, settings.future_seconds) == (3, 9, 7)
    assert settings.is_set("port")
    assert not settings.is_set("origin")


def test_the_guides_example_can_be_used(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(origin.*?)```", GUIDE, re.DOTALL)
    settings = load(tmp_path, example)
    assert settings.quorum == 1
    assert [one.index_cosigner for one in settings.witnesses] == [False, True]


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "not there", {})
    assert settings == Settings(data=tmp_path / "not there")


def test_the_data_folder_is_found_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("data"), {})
    assert settings.data == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path / 'data' / 'ledger.db'}"


REFUSED = {
    "no TOML": ("port 1", "settings-unreadable", None),
    "not UTF-8": ("\udcff", "settings-unreadable", None),
    "an unknown name": ("colour = 'blue'", "settings-invalid", "colour"),
    "a port of none": ("port = 70000", "settings-invalid", "port"),
    "a text for a number": ("quorum = 'many'", "settings-invalid", "quorum"),
    "no time to publish": ("checkpoint_seconds = 0", "settings-invalid", "checkpoint_seconds"),
    "an origin with a scheme": ("origin = 'https://Log'", "settings-invalid", "origin"),
    "another data folder": ("data = '/elsewhere'", "settings-invalid", None),
    "one founder twice": (
        "founders = ['https://a.example', 'https://a.example']",
        "settings-invalid",
        "founders",
    ),
    "one founder": ("founders = ['https://a.example']", "settings-invalid", "founders.1"),
    "a founder without a scheme": ("founders = ['a', 'https://b.example']", "settings-invalid", "founders"),
    "a quorum of more witnesses than there are": ("quorum = 1", "settings-invalid", None),
    "a quorum of more index cosigners than there are": (
        "index_quorum = 1\n[[witnesses]]\nvkey = 'w'\nurl = 'http://w.example'",
        "settings-invalid",
        None,
    ),
    "an unknown member of a witness": (
        "[[witnesses]]\nvkey = 'w'\nkey = 'k'",
        "settings-invalid",
        "witnesses.0.url",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_named(tmp_path: Path, case: str) -> None:
    text, code, field = REFUSED[case]
    (tmp_path / "corridor.toml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path, {})
    assert (caught.value.code, caught.value.field) == (code, field)
    assert "corridor.toml" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_folder_that_no_database_url_can_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="question mark"):
        load_settings(tmp_path / "what?", {})


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "corridor.toml").mkdir()
    with pytest.raises(UnavailableError) as caught:
        load_settings(tmp_path, {})
    assert caught.value.code == "settings-unreadable"


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path,
        passphrase="correct horse",
        rpc="https://node.example/key-of-ours",
        database="postgresql://corridor:password@db/corridor",
    )
    for secret in ("correct horse", "key-of-ours", "password@"):
        assert secret not in repr(settings)
        assert secret not in str(settings)
