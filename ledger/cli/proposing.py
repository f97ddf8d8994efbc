"""What every command that proposes something does."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli.acting import Actor, acting
from ledger.cli.output import emit, say
from ledger.cli.registry_chain import Where

if TYPE_CHECKING:
    from ledger.chain.governance import Call


def propose(
    where: Where,
    account: Path,
    passphrase_file: Path | None,
    calls: "Callable[[Actor], Sequence[Call]]",
    *,
    about: str | None = None,
    yes: bool,
    as_json: bool,
) -> None:
    """Propose some calls, and print the names by which another organisation approves them.

    Args:
        where: Where the registry is.
        account: Keystore file of the account that proposes.
        passphrase_file: See `read_passphrase`.
        calls: Makes the calls.
        about: URI of the organisation that they are about, if they are about one.
        yes: Whether it was confirmed before.
        as_json: Whether JSON is printed.
    """
    from ledger.chain.governance import describe_call
    from ledger.domain.evm_layout import organisation_id

    with acting(where, account, passphrase_file) as actor:
        wanted = calls(actor)
        names = dict(actor.registry.names(actor.registry.mirror().state()))
        if about is not None:
            names[organisation_id(about)] = about
        shown = [describe_call(call, names) for call in wanted]
        actor.confirm([f"propose {one}" for one in shown], yes=yes)
        made = [actor.governor.propose(call) for call in wanted]
    listed = [{"proposal": f"0x{name.hex()}", "does": words} for name, words in zip(made, shown, strict=True)]
    if as_json:
        emit(listed)
    else:
        say(*(f"{one['proposal']}  {one['does']}" for one in listed))
