"""Settings of one running ledger: read once, from `corridor.toml` in the data folder and the environment.

The environment wins over the file, a command's flag over both. `docs/operations.md` lists
every setting; a test compares.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ledger.domain.errors import UsageError

ENVIRONMENT_PREFIX = "CORRIDOR_"


class WitnessSetting(BaseModel):
    """One witness that cosigns this log's checkpoints."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vkey: Annotated[str, Field(description="C2SP verifier key of the witness (type 04)")]
    url: Annotated[str, Field(description="where its add-checkpoint lies, without that last part")]
    index_cosigner: Annotated[bool, Field(description="whether it replays the log into the map first")] = (
        False
    )


class Settings(BaseModel):
    """Everything that may differ between two installations."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Annotated[Path, Field(description="folder of the database, the keys and the embedded chain")]
    host: Annotated[str, Field(description="address that the server binds to")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port of API and log; 0 takes a free one")] = 8700
    origin: Annotated[str, Field(description="origin line of the log, fixed when it is created")] = (
        "corridor.example/log"
    )
    database: Annotated[
        str | None, Field(description="SQLAlchemy URL; SQLite in the data folder if absent")
    ] = None
    rpc: Annotated[
        str | None, Field(description="URL of an EVM JSON-RPC node; the embedded chain if absent")
    ] = None
    anvil: Annotated[Path | None, Field(description="path of the anvil program for the embedded chain")] = (
        None
    )
    passphrase: Annotated[str | None, Field(description="opens the operator's key files", repr=False)] = None
    witnesses: Annotated[tuple[WitnessSetting, ...], Field(description="who cosigns checkpoints")] = ()
    quorum: Annotated[int, Field(ge=0, description="cosignatures that publishing needs")] = 0
    index_quorum: Annotated[int, Field(ge=0, description="index cosigners that publishing needs")] = 0
    checkpoint_seconds: Annotated[float, Field(gt=0, description="pause between publishing cycles")] = 5.0
    anchor_seconds: Annotated[float, Field(gt=0, description="pause between anchoring steps")] = 2.0
    finality_depth: Annotated[
        int, Field(ge=0, description="blocks on top of an anchor before it is final")
    ] = 2
    future_seconds: Annotated[int, Field(ge=0, description="how far ahead a signer's clock may be")] = 300

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the ledger database."""
        return self.database or f"sqlite:///{self.data / 'ledger.db'}"


def load_settings(data: Path, environment: Mapping[str, str] | None = None, **flags: object) -> Settings:
    """Read the settings for one data folder.

    Args:
        data: the data folder; its `corridor.toml` is read when there is one.
        environment: variables `CORRIDOR_<SETTING>`; the process's own when absent.
        flags: values given on the command line; None means not given.

    Raises:
        UsageError: the file is not TOML, or a setting is unknown or out of range.
    """
    environment = os.environ if environment is None else environment
    file = data / "corridor.toml"
    values: dict[str, object] = {}
    if file.exists():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError("settings-unreadable", f"{file} is not valid TOML: {error}") from None
    for name in Settings.model_fields:
        variable = ENVIRONMENT_PREFIX + name.upper()
        if name not in {"data", "witnesses"} and variable in environment:
            values[name] = environment[variable]
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings.model_validate(values | {"data": data})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            "settings-invalid", f"Setting {where}: {first['msg']} (in {file} or the environment)"
        ) from None
