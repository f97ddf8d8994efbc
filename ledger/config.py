"""Settings of one running ledger: read once, from `corridor.toml` in the data folder and the environment.

The environment wins over the file, a command's flag over both. `docs/operations.md` lists
every setting; a test compares.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ledger.access.oidc_setting import OidcSetting
from ledger.domain.errors import MalformedError, UnavailableError, UsageError
from ledger.domain.fields import organisation
from ledger.domain.genesis import checked_origin
from ledger.evidence.stores import IPFS, LOCAL, as_text, parse_names

ENVIRONMENT_PREFIX = "CORRIDOR_"
FILE = "corridor.toml"
ONLY_IN_FILE = frozenset({"founders", "oidc", "witnesses"})
"""Settings that are lists: they have no form as a variable."""


def _folder(path: Path) -> Path:
    if "?" in str(path):
        raise ValueError("a name with a question mark cannot be written in a database URL")
    # What runs in a folder of its own, as the chain does, must find the same place.
    return path.absolute()


def _origin(origin: str) -> str:
    try:
        return checked_origin(origin)
    except MalformedError as error:
        raise ValueError(error.message) from None


def _founders(uris: tuple[str, str]) -> tuple[str, str]:
    if uris[0] == uris[1]:
        raise ValueError("they must be two different organisations")
    try:
        return organisation(uris[0], "the first"), organisation(uris[1], "the second")
    except MalformedError as error:
        raise ValueError(error.message) from None


def _stores(text: str) -> str:
    try:
        return as_text(parse_names(text, "evidence_stores"))
    except MalformedError as error:
        raise ValueError(error.message) from None


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

    data: Annotated[
        Path,
        AfterValidator(_folder),
        Field(description="folder of the database, the keys and the embedded chain"),
    ]
    port: Annotated[int, Field(ge=0, le=65535, description="port of 127.0.0.1; 0 takes a free one")] = 8700
    origin: Annotated[
        str,
        AfterValidator(_origin),
        Field(description="origin line of the log, fixed when it is created"),
    ] = "corridor.example/log"
    founders: Annotated[
        tuple[str, str],
        AfterValidator(_founders),
        Field(description="URIs of the two organisations that found the registry of a new log"),
    ] = ("https://founder-one.example", "https://founder-two.example")
    database: Annotated[
        str | None, Field(description="SQLAlchemy URL; SQLite in the data folder if absent", repr=False)
    ] = None
    rpc: Annotated[
        str | None, Field(description="URL of an EVM JSON-RPC node; the embedded chain if absent", repr=False)
    ] = None
    anvil: Annotated[Path | None, Field(description="path of the anvil program for the embedded chain")] = (
        None
    )
    passphrase: Annotated[str | None, Field(description="opens the operator's key files", repr=False)] = None
    profile: Annotated[
        str | None,
        Field(
            description="rules of a new log's corridor: a shipped profile or a file; `foundation` if absent"
        ),
    ] = None
    witnesses: Annotated[tuple[WitnessSetting, ...], Field(description="who cosigns checkpoints")] = ()
    quorum: Annotated[int, Field(ge=0, description="cosignatures that publishing needs")] = 0
    index_quorum: Annotated[int, Field(ge=0, description="index cosigners that publishing needs")] = 0
    checkpoint_seconds: Annotated[float, Field(gt=0, description="pause between publishing cycles")] = 5.0
    anchor_seconds: Annotated[float, Field(gt=0, description="pause between anchoring steps")] = 2.0
    recosign_seconds: Annotated[
        int, Field(gt=0, description="age at which witnesses of a quiet log are asked to cosign again")
    ] = 3600
    from_block: Annotated[
        int, Field(ge=0, description="block before which the contracts were not there; spares reading them")
    ] = 0
    finality_depth: Annotated[
        int, Field(ge=0, description="blocks on top of an anchor before it is final")
    ] = 2
    future_seconds: Annotated[int, Field(ge=0, description="how far ahead a signer's clock may be")] = 300
    session_seconds: Annotated[
        int,
        Field(ge=60, le=604_800, description="how long a session lasts; an officer's ends with its token"),
    ] = 28_800
    challenge_seconds: Annotated[
        int, Field(ge=30, le=900, description="how long a challenge is good: time to sign it, or to sign in")
    ] = 120
    oidc: Annotated[
        tuple[OidcSetting, ...], Field(description="identity providers whose people may sign in as officers")
    ] = ()
    organisation_requests_per_minute: Annotated[
        int, Field(ge=1, description="how often an organisation may ask within its sessions, each process")
    ] = 60_000
    stranger_requests_per_minute: Annotated[
        int, Field(ge=1, description="how often an address may ask for challenges, sessions and enrolments")
    ] = 6_000
    trusted_proxies: Annotated[
        int,
        Field(ge=0, le=8, description="how many proxies before it add to X-Forwarded-For; 0: it is not read"),
    ] = 0
    webhook_private_addresses: Annotated[
        bool,
        Field(description="whether webhooks may go to private addresses, to any port, and without TLS"),
    ] = False
    subscriptions_per_organisation: Annotated[
        int, Field(ge=1, le=1_000, description="how many subscriptions to events an organisation may have")
    ] = 100
    streams_per_organisation: Annotated[
        int, Field(ge=1, le=256, description="how many streams of events it may follow, in each process")
    ] = 32
    max_evidence_bytes: Annotated[
        int, Field(ge=1, description="most bytes of one evidence item, sealed; a dossier stays below 4 GiB")
    ] = 4_294_967_295
    upload_seconds: Annotated[
        int, Field(ge=60, description="how long a resumable upload is kept without a new byte")
    ] = 86_400
    unclaimed_evidence_days: Annotated[
        int, Field(ge=1, description="how long evidence is kept for the statement that will claim it")
    ] = 30
    evidence_stores: Annotated[
        str,
        AfterValidator(_stores),
        Field(description="stores that new evidence may go to: `local`, `ipfs`, or `local,ipfs`"),
    ] = LOCAL
    ipfs_api: Annotated[
        str | None, Field(description="multiaddr of the IPFS node's API, such as `/ip4/127.0.0.1/tcp/5001`")
    ] = None
    ipfs_announce: Annotated[
        bool, Field(description="whether the IPFS node may tell the world which CIDs it has")
    ] = False
    ipfs_seconds: Annotated[
        float, Field(gt=0, le=600, description="how long the IPFS node may keep silent")
    ] = 30.0
    min_free_bytes: Annotated[
        int, Field(ge=0, description="room on the disk below which `/readyz` says so")
    ] = 1_073_741_824
    log_format: Annotated[
        Literal["json", "text"], Field(description="a JSON object a line, or text for people")
    ] = "json"
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="the least that is logged")
    ] = "INFO"

    @model_validator(mode="after")
    def _quorum_can_be_reached(self) -> Self:
        for name, there in (
            ("quorum", len(self.witnesses)),
            ("index_quorum", sum(one.index_cosigner for one in self.witnesses)),
        ):
            if getattr(self, name) > there:
                raise ValueError(f"{name} asks for {getattr(self, name)} cosignatures of {there} witnesses")
        return self

    @model_validator(mode="after")
    def _stores_are_set_up(self) -> Self:
        if IPFS in self.offered_stores and self.ipfs_api is None:
            raise ValueError("evidence_stores names ipfs, and ipfs_api does not say where its node is")
        return self

    @model_validator(mode="after")
    def _every_provider_is_there_once(self) -> Self:
        issuers = [one.issuer for one in self.oidc]
        if len(set(issuers)) < len(issuers):
            raise ValueError("oidc names an issuer twice: who speaks for whom would depend on the order")
        return self

    @property
    def offered_stores(self) -> tuple[str, ...]:
        """Names of the stores that new evidence may go to."""
        return parse_names(self.evidence_stores, "evidence_stores")

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the ledger database."""
        return self.database or f"sqlite:///{self.data / 'ledger.db'}"

    def is_set(self, name: str) -> bool:
        """Return whether a setting was given by somebody, and is not merely its default."""
        return name in self.model_fields_set


def load_settings(data: Path, environment: Mapping[str, str] | None = None, **flags: object) -> Settings:
    """Read the settings for one data folder.

    Args:
        data: the data folder; its `corridor.toml` is read when there is one.
        environment: variables `CORRIDOR_<SETTING>`; the process's own when absent.
        flags: values given on the command line; None means not given.

    Raises:
        UsageError: the file is not TOML, or a setting is unknown or out of range.
        UnavailableError: the file cannot be read.
    """
    environment = os.environ if environment is None else environment
    file = data / FILE
    values = _read(file)
    if "data" in values:
        raise UsageError("settings-invalid", f"{file} lies in the data folder and cannot name another one")
    for name in Settings.model_fields:
        variable = ENVIRONMENT_PREFIX + name.upper()
        if name not in ONLY_IN_FILE | {"data"} and variable in environment:
            values[name] = environment[variable]
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings.model_validate(values | {"data": data})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(
            "settings-invalid",
            f"setting {where}: {message} (in {file}, the environment or on the command line)"
            if where
            else f"{message} (in {file} or the environment)",
            field=where or None,
        ) from None


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UnavailableError("settings-unreadable", f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("settings-unreadable", f"{file} is not valid TOML: {error}") from None
