"""The help: on the page as on the screen, with an example for every command, and only options that exist."""

import re
import shlex
from typing import Any

import pytest
from typer.main import get_command

from ledger.cli.app import app
from tests.cli.corridor import corridor
from tests.cli.help_pages import PAGE, page


def leaves(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return every command that does something, by its path."""
    if not hasattr(command, "commands"):
        return {path: command}
    found: dict[tuple[str, ...], Any] = {}
    for name, below in command.commands.items():
        found |= leaves(below, (*path, name))
    return found


COMMANDS = leaves(get_command(app))


def test_the_page_says_what_the_help_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.cli.help_pages"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself(path: tuple[str, ...]) -> None:
    ran = corridor(*path, "--help")
    assert (ran.code, ran.err) == (0, "")
    examples = COMMANDS[path].help.split("Example")[1]
    assert f"    corridor {' '.join(path)} " in examples


def lines_of(text: str) -> list[list[str]]:
    """Return the command lines of a help text, word by word."""
    joined = text.replace("\\\n", " ")
    return [shlex.split(line) for line in re.findall(r"^ +(corridor .*)$", joined, re.MULTILINE)]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_examples_use_options_that_exist(path: tuple[str, ...]) -> None:
    options = {name for option in COMMANDS[path].params for name in (*option.opts, *option.secondary_opts)}
    for words in lines_of(COMMANDS[path].help):
        assert tuple(words[1 : 1 + len(path)]) == path
        assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    assert all(option.help for option in COMMANDS[path].params if option.name != "help")


@pytest.mark.parametrize(
    "group", [(), *sorted({path[:1] for path in COMMANDS if len(path) == 2})], ids=" ".join
)
def test_a_group_alone_shows_its_help_and_is_wrong_use(group: tuple[str, ...]) -> None:
    ran = corridor(*group)
    assert (ran.code, "Usage" in ran.text, ran.err) == (2, True, "")


def test_a_command_that_is_none_is_wrong_use_in_one_line() -> None:
    ran = corridor("verfy")
    assert (ran.code, ran.reason, "verify" in ran.err) == (2, "usage", True)


def test_the_version_is_that_of_the_package() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", corridor("--version").text)
