"""The story as data: acts and lines of `story.toml`, with the figures of `facts.toml` put in."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ledger.demo.facts import Facts


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LinkLine(_Part):
    """A link between two subjects, by their names in the story."""

    rel: str
    from_: Annotated[str, Field(alias="from")]
    to: str


class ClipLine(_Part):
    """A segment of a camera's recording: when it was, by true time, and the file of the segment before."""

    camera: str
    sequence: int
    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    previous: str | None = None


class Line(_Part):
    """One thing that somebody does.

    Args:
        at: When it happens.
        do: What is done; `say` signs one statement of a `kind`.
        who: Part of the organisation that does it.
        title: The same for the reader of the screen.
        about: Subjects by their names in the story, the first counts most.
        body: What is said in full.
        label: Name by which a later line refers to it.
        refs: Relation and label of other statements.
        evidence: Names of evidence files.
        people: Members of the body that name people, who appear by pseudonyms and concealed.
        categories: What is shared, asked for or approved.
        purpose: What for, or why not more.
        device: Which machine of the organisation signs.
        clip: Which segment of a recording its evidence is.
        observed: Since when and until when a camera saw without a gap.
    """

    at: AwareDatetime
    do: Literal[
        "say",
        "open",
        "link",
        "unlink",
        "hand-over",
        "onboard",
        "delegate",
        "join",
        "read",
        "encryption-key",
        "share",
        "ask",
        "answer",
        "erase",
        "todo",
        "watch",
        "assess",
    ]
    who: str
    title: str
    kind: str = ""
    about: tuple[str, ...] = ()
    body: dict[str, Any] = {}
    label: Annotated[str | None, Field(alias="as")] = None
    refs: tuple[tuple[str, str], ...] = ()
    corrects: str | None = None
    conceal: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[str, ...] = ()
    people: dict[str, str] = {}
    categories: tuple[str, ...] = ()
    purpose: str | None = None
    device: str | None = None
    clock_offset_s: int = 0
    seals_found: tuple[str, ...] = ()
    seals_removed: tuple[str, ...] = ()
    seals_applied: tuple[str, ...] = ()
    clip: ClipLine | None = None
    observed: tuple[AwareDatetime, AwareDatetime] | None = None
    links: tuple[LinkLine, ...] = ()
    subject: str = ""
    to: tuple[str, ...] = ()
    rel: str = ""
    from_: Annotated[str, Field(alias="from")] = ""
    onto: str = ""
    taker: str = ""
    place: str = ""
    remarks: tuple[str, ...] = ()


class Act(_Part):
    """Some lines that belong together; at the end of each act a checkpoint is anchored.

    Args:
        title: For the reader of the screen.
        es: The same in Spanish.
        offline_until: When the network is back, for an act that is played without one.
        lines: In the order in which they happen.
    """

    title: str
    es: str
    offline_until: AwareDatetime | None = None
    lines: Annotated[tuple[Line, ...], Field(alias="line")]


class ToldCheat(_Part):
    """A cheat that is told like the story.

    Args:
        name: What is tried.
        es: The same in Spanish.
        check: The check that catches it, if one does.
        alarm: The alarm that does.
        reason: Its reason code.
        lines: On a trip of its own; the last one is the cheat.
    """

    name: str
    es: str
    check: str | None = None
    alarm: str | None = None
    reason: str
    lines: Annotated[tuple[Line, ...], Field(alias="line")]


class SubjectLine(_Part):
    """What a subject of the story is."""

    type: str
    key: str


class Story(_Part):
    """The whole story.

    Args:
        subjects: What it is about.
        seals: What is on the container.
        acts: Up to the dossiers.
        afterwards: What follows them.
        much_later: When the trip is long over.
        cheats: Those that are told like the story.
    """

    subjects: dict[str, SubjectLine]
    seals: dict[str, dict[str, str]]
    acts: Annotated[tuple[Act, ...], Field(alias="act")]
    afterwards: Annotated[tuple[Act, ...], Field(alias="after")]
    much_later: Annotated[tuple[Act, ...], Field(alias="later")]
    cheats: Annotated[tuple[ToldCheat, ...], Field(alias="cheat")]

    @property
    def begins(self) -> datetime:
        """When the first thing happens."""
        return self.acts[0].lines[0].at


def read_story(facts: Facts) -> Story:
    """Return the story that comes with the package.

    Args:
        facts: The figures that its texts beginning with `$` name.
    """
    document = tomllib.loads(files(__package__).joinpath("story.toml").read_text(encoding="utf-8"))
    return Story.model_validate(filled(document, dict(facts)))


def filled(value: Any, figures: Mapping[str, Any]) -> Any:
    """Return a part of a story with figures put in, where its texts begin with `$` or have `{...}`.

    Args:
        value: As read from TOML.
        figures: What the texts name.
    """
    if isinstance(value, dict):
        return {name: filled(one, figures) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, figures) for one in value]
    if isinstance(value, str) and value.startswith("$"):
        first, *way = value.removeprefix("$").split(".")
        return reduce(getattr, way, figures[first])
    return value.format(**figures) if isinstance(value, str) else value
