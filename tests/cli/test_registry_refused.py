"""`corridor registry` and `organisation` on a real chain: what is refused, and in which words."""

from collections.abc import Callable, Iterator

import pytest

from tests.cli.corridor import Ran, corridor, refused
from tests.cli.house import DEVICE, NEW, House, a_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A ledger with a new organisation in it."""
    with a_house(tmp_path_factory.mktemp("registry")) as house:
        yield house


REFUSED: dict[str, tuple[Callable[[House], Ran], int, str, str]] = {
    "a proposal by nobody": (
        lambda h: h.acts("nobody", "registry", "propose", "role-begin", NEW, "packer"),
        1,
        "reverted",
        "only the admin of an organisation with the role governor",
    ),
    "a proposal by an organisation that does not govern": (
        lambda h: h.acts("new", "registry", "propose", "role-begin", NEW, "packer"),
        1,
        "reverted",
        "role governor",
    ),
    "approving one's own proposal": (
        lambda h: h.acts("one", "registry", "approve", *h.proposes("role-begin", NEW, "lab")),
        1,
        "reverted",
        "another one has to approve",
    ),
    "approving what fails": (
        lambda h: h.acts("two", "registry", "approve", *h.proposes("role-begin", NEW, "exporter")),
        1,
        "reverted",
        "has this role already",
    ),
    "approving what is not there": (
        lambda h: h.acts("two", "registry", "approve", "0x" + "11" * 32),
        1,
        "proposal-unknown",
        "no proposal",
    ),
    "withdrawing another's proposal": (
        lambda h: h.acts("two", "registry", "withdraw", *h.proposes("role-begin", NEW, "broker")),
        1,
        "reverted",
        "only the organisation that proposed it",
    ),
    "a proposal with a name of another form": (
        lambda h: h.reads("registry", "show", "0x1234"),
        1,
        "malformed-field",
        "PROPOSAL",
    ),
    "a role that the corridor does not have": (
        lambda h: h.acts("one", "registry", "propose", "role-begin", NEW, "emperor"),
        2,
        "unknown-role",
        "exporter",
    ),
    "an admin that is no address": (
        lambda h: h.acts("one", "registry", "propose", "enrol", "https://x.example", "--admin", "0x12"),
        1,
        "malformed-field",
        "--admin",
    ),
    "a key for another organisation's account": (
        lambda h: h.acts("one", "registry", "key-end", DEVICE),
        1,
        "reverted",
        "another organisation's",
    ),
    "a key that was added before": (
        lambda h: h.acts("new", "registry", "key-add", h.file("new.key")),
        1,
        "reverted",
        "was added before",
    ),
    "a key that is no statement key": (
        lambda h: h.acts("new", "registry", "key-add", h.file("log.key")),
        2,
        "wrong-key-kind",
        "log key",
    ),
    "a key that is not there": (
        lambda h: h.acts("new", "registry", "key-add", h.file("none.key")),
        1,
        "no-file",
        "none.key",
    ),
    "an account that is not there": (
        lambda h: h.acts("ghost", "registry", "key-end", DEVICE),
        1,
        "no-file",
        "ghost.json",
    ),
    "a key that nobody knows": (
        lambda h: h.acts("new", "registry", "key-end", "22" * 32),
        1,
        "reverted",
        "does not know this key",
    ),
    "a suspicion in the future": (
        lambda h: h.acts("new", "registry", "key-suspect", DEVICE, "--since", "99999999"),
        1,
        "reverted",
        "a suspicion begins",
    ),
    "a suspicion at no time": (
        lambda h: h.acts("new", "registry", "key-suspect", DEVICE, "--since", "yesterday"),
        1,
        "malformed-field",
        "--since",
    ),
    "a log closed beyond its anchors": (
        lambda h: h.acts(
            "two",
            "registry",
            "approve",
            *h.proposes("log-close", "--last-good-size", "999999"),
        ),
        1,
        "reverted",
        "no anchor of this size",
    ),
    "nobody there to confirm": (
        lambda h: corridor(
            "registry", "key-end", DEVICE, *h.data, *h.passphrase, "--account", h.file("new.json")
        ),
        2,
        "not-confirmed",
        "--yes",
    ),
    "no place named": (lambda h: corridor("registry", "participants"), 2, "where", "--data"),
    "two places named": (
        lambda h: corridor("registry", "participants", *h.data, *h.node),
        2,
        "where",
        "--rpc",
    ),
    "a node without a genesis document": (
        lambda h: corridor("registry", "participants", *h.node[:2]),
        2,
        "where",
        "--genesis",
    ),
    "a node that is none": (
        lambda h: corridor("registry", "participants", "--rpc", "http://127.0.0.1:9", *h.node[2:]),
        4,
        "chain-unreachable",
        "127.0.0.1:9",
    ),
    "a profile of another corridor": (
        lambda h: corridor("registry", "participants", *h.node, "--profile", h.file("new.key")),
        2,
        "other-profile",
        "genesis document",
    ),
    "a folder that is none": (
        lambda h: corridor("registry", "participants", "--data", h.folder / "nowhere"),
        1,
        "no-data",
        "nowhere",
    ),
    "an organisation that nobody knows": (
        lambda h: h.reads("organisation", "show", "https://unknown.example"),
        1,
        "organisation-unknown",
        "no organisation",
    ),
    "an application that is none": (
        lambda h: h.acts("one", "registry", "propose", "admission", h.file("new.key")),
        1,
        "cose-serialisation",
        "new.key",
    ),
    "an application that goes nowhere": (
        lambda h: applies(h),  # noqa: PLW0108 - it is defined below
        2,
        "nowhere",
        "--out",
    ),
    "an identifier without a scheme": (
        lambda h: applies(h, "--out", h.file("x"), identifier="7412345000011"),
        2,
        "bad-identifier",
        "SCHEME:VALUE",
    ),
    "an identifier with a wrong check digit": (
        lambda h: applies(h, "--out", h.file("x"), identifier="gln:7412345000012"),
        1,
        "malformed-field",
        "identifiers.0.value",
    ),
    "an agreement that is not there": (
        lambda h: applies(h, "--out", h.file("x"), agreement="none.pdf"),
        1,
        "no-file",
        "none.pdf",
    ),
    "a device's key that is neither a file nor a thumbprint": (
        lambda h: delegates(h, "--device-key", h.file("none.key")),
        1,
        "no-file",
        "none.key",
    ),
    "a device with a clock that is centuries off": (
        lambda h: delegates(h, "--device-key", DEVICE, "--clock-offset", "1e12"),
        1,
        "malformed-field",
        "clock_offset_s",
    ),
    "a device whose key ends before it begins": (
        lambda h: delegates(
            h, "--device-key", DEVICE, "--from", "2026-11-06T00:00:00Z", "--until", "2026-11-05T00:00:00Z"
        ),
        1,
        "malformed-field",
        "the delegation.to",
    ),
    "a measurement at no time": (
        lambda h: delegates(h, "--device-key", DEVICE, "--measured-at", "noon"),
        1,
        "malformed-field",
        "--measured-at",
    ),
    "certificates that are none": (
        lambda h: applies(h, "--out", h.file("x"), "--x509", h.file("new.key")),
        1,
        "bad-certificate",
        "new.key",
    ),
}


def applies(house: House, *words: object, identifier: str = "scac:XXXU", agreement: str = "new.key") -> Ran:
    return corridor(
        *("organisation", "apply", "--key", house.file("other.key"), "--iss", "https://x.example"),
        *("--admin", "0x" + "0c" * 20, "--role", "packer", "--legal-name", "X", "--country", "GT"),
        *("--identifier", identifier, "--proofing", "low", "--proofed-by", "nobody"),
        *("--agreement", house.file(agreement), "--genesis", house.node[-1], *house.passphrase, *words),
    )


def delegates(house: House, *words: object) -> Ran:
    return corridor(
        *("organisation", "delegate", "--subject", "urn:x", "--device-type", "scanner", "--device-name", "1"),
        *("--clock-offset", "1", "--key", house.file("new.key"), "--outbox", house.folder / "outbox"),
        *words,
    )


@pytest.mark.parametrize(("act", "exit_code", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_in_words(
    house: House, act: Callable[[House], Ran], exit_code: int, code: str, words: str
) -> None:
    before = house.shown()
    ran = act(house)
    refused(ran, exit_code, code)
    assert words in ran.err
    assert house.shown() == before
