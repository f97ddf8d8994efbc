"""Acting on the registry with an account: shown before it is sent, refusals in words."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.options import option
from ledger.cli.output import plain
from ledger.cli.passphrases import read_passphrase
from ledger.cli.registry_chain import OpenRegistry, Where, open_registry
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_0x_hex, from_hex

if TYPE_CHECKING:
    from ledger.chain.accounts import LocalSigner
    from ledger.chain.governance import Governor
    from ledger.chain.organisation import OrganisationAdmin
    from ledger.chain.registry_events import RegistryState

Account = Annotated[
    Path,
    option(
        "FILE",
        "Keystore file of your organisation's admin account.",
        "--account",
        envvar="CORRIDOR_ACCOUNT",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Send it without asking.")]


@dataclass(frozen=True, slots=True)
class Actor:
    """An organisation's admin account at a registry.

    Args:
        registry: The registry.
        signer: Signs for the account.
    """

    registry: OpenRegistry
    signer: "LocalSigner"

    @property
    def governor(self) -> "Governor":
        """What the account does as one that governs."""
        from ledger.chain.governance import Governor

        return Governor(self.registry.client, self.registry.contracts, self.signer)

    @property
    def admin(self) -> "OrganisationAdmin":
        """What the account does for its own organisation."""
        from ledger.chain.organisation import OrganisationAdmin

        return OrganisationAdmin(self.registry.client, self.registry.contracts, self.signer)

    def organisation(self, state: "RegistryState") -> str:
        """Return the URI of the organisation that the account is the admin of.

        Raises:
            UsageError: It is nobody's.
        """
        for one in state.organisations.values():
            if one.admin == self.signer.address:
                return one.uri
        raise UsageError(
            "not-an-admin",
            f"account 0x{self.signer.address.hex()} is no organisation's admin; is it enrolled?",
        )

    def confirm(self, what: Sequence[str], *, yes: bool) -> None:
        """Show what is going to be sent, and ask whether to go on.

        Args:
            what: In words, a line each.
            yes: Whether it was said before.

        Raises:
            UsageError: Nobody is there to ask.
            Abort: The answer is no.
        """
        if yes:
            return
        if not sys.stdin.isatty():
            raise UsageError(
                "not-confirmed", "nobody is there to confirm what is sent: look at it, and give --yes"
            )
        chain = self.registry.client.identity()
        lines = [*what, f"from account 0x{self.signer.address.hex()}, on chain {chain.chain_id}"]
        typer.echo("\n".join(map(plain, lines)), err=True)
        typer.confirm("Send it?", abort=True, err=True)


@contextmanager
def acting(where: Where, account: Path, passphrase_file: Path | None) -> Iterator[Actor]:
    """Give an account at a registry while a block runs; on an embedded chain it gets money.

    Raises:
        CorridorError: See `open_registry` and `ledger.keys.evm.open_account`.
        RevertedError: The registry refuses what the block asks of it; the message says what that means.
    """
    from ledger.chain.accounts import LocalSigner
    from ledger.chain.funding import fund_embedded
    from ledger.chain.refusals import in_words
    from ledger.keys.evm import open_account

    with open_registry(where) as registry:
        signer = LocalSigner(open_account(account, read_passphrase(passphrase_file)))
        if registry.is_embedded:
            fund_embedded(registry.client, signer.address)
        with in_words():
            yield Actor(registry, signer)


def address_of(text: str, what: str) -> bytes:
    """Return an account, 20 bytes, from its text with or without capitals.

    Raises:
        MalformedError: It is none.
    """
    return from_0x_hex(text.lower(), 20, what)


def name_of(text: str, what: str) -> bytes:
    """Return a hash that names a proposal or a key, 32 bytes, from hex with or without `0x`.

    Raises:
        MalformedError: It is none.
    """
    return from_hex(text.lower().removeprefix("0x"), 32, what)
