"""From a file to a verdict on the terminal: what `corridor verify` and `corridor receipt-verify` share.

Here 1, 2 and 3 are verdicts, so that wrong use has a code of its own, whether an option is wrong, or a trust
file cannot be read: nothing has been said of the dossier then.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperCommand

from ledger.cli.errors import UNREADABLE, WRONG_USE_OF_VERIFY, report
from ledger.cli.files import parsing, read_file, unreadable
from ledger.cli.output import emit, plain, say, show, warn
from ledger.domain.errors import CorridorError, MalformedError, UsageError
from ledger.domain.verdict import Check, Outcome, Status, Verdict

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ledger.verification.chain_view import ChainView
    from ledger.verification.facts import Log
    from ledger.verification.trust import Trust

EXIT_CODES = {Outcome.ACCEPTED: 0, Outcome.REJECTED: 1, Outcome.INCOMPLETE: 2}
EPILOG = (
    "Exit codes: 0 accepted, 1 rejected, 2 incomplete, 3 not readable as such a file; 64 wrong use, or a "
    "trust file that cannot be used; 4 the result cannot be printed; 70 a fault of this program."
)
_STYLES = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.MISSING: "yellow",
    Status.NOT_CHECKED: "yellow",
    Outcome.ACCEPTED: "green",
    Outcome.REJECTED: "red",
    Outcome.INCOMPLETE: "yellow",
}


class VerdictCommand(TyperCommand):
    """A command whose exit codes 1 to 3 are verdicts: wrong use of it ends with 64."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line, see the class."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            error.exit_code = WRONG_USE_OF_VERIFY
            raise


def give_verdict(
    verify: "Callable[[Trust, ChainView | None], Verdict]",
    file: Path,
    trust_file: Path,
    checks: Sequence[str],
    *,
    offline: bool,
    timeout: float,
    as_json: bool,
    more: "Callable[[], Sequence[RenderableType]]" = tuple,
    to_json: Callable[[Verdict], dict[str, Any]] = Verdict.to_json,
) -> NoReturn:
    """Verify, print the verdict and end the command with its exit code.

    Args:
        verify: Verifies the file under a trust file, with a node of the verifier's own or without.
        file: What is verified, for complaints.
        trust_file: Where the trust file is.
        checks: Names of the checks that such a file gets.
        offline: Whether the node that the trust file names is left alone.
        timeout: Seconds that the node may take for an answer.
        as_json: Whether to print JSON.
        more: Returns what to show behind the verdict; called once it is there.
        to_json: Returns what to print as JSON; called as `more`.

    Raises:
        Exit: Always.
    """
    try:
        trust = load_trust(trust_file)
        verdict = _verdict(verify, trust, offline=offline, timeout=timeout)
        code = EXIT_CODES[verdict.outcome]
    except (OSError, _not_a_dossier()) as error:
        trouble = unreadable(file, "the file", error) if isinstance(error, OSError) else error
        if not as_json:
            where = "" if isinstance(error, OSError) else f"{file}: "
            report(MalformedError(trouble.code, where + trouble.message))
            raise typer.Exit(UNREADABLE) from None
        verdict, code = _no_verdict(trouble, checks), UNREADABLE
    except CorridorError as error:
        report(error)
        raise typer.Exit(WRONG_USE_OF_VERIFY) from None
    if as_json:
        emit(to_json(verdict))
    else:
        say(verdict.shipment)
        show(*drawn(verdict, _why(verdict, trust.required)), *more())
    raise typer.Exit(code)


def load_trust(path: Path) -> "Trust":
    """Read a trust file.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: It is too long.
        MalformedError: It is not one.
    """
    from ledger.verification.trust import MAX_TRUST_FILE, Trust

    data = read_file(path, "the trust file", max_bytes=MAX_TRUST_FILE)
    with parsing(path):
        return Trust.parse(data)


def _verdict(
    verify: "Callable[[Trust, ChainView | None], Verdict]", trust: "Trust", *, offline: bool, timeout: float
) -> Verdict:
    if offline or trust.chain.rpc is None:
        return verify(trust, None)
    from ledger.cli.node import VerifiersNode

    with VerifiersNode(trust.chain, timeout=timeout) as node:
        verdict = verify(trust, node)
    if node.trouble is None:
        return verdict
    warn(f"{node.trouble}; the state proofs in the file are used instead [{node.trouble.code}]")
    return verify(trust, None)


def _not_a_dossier() -> type[MalformedError]:
    from ledger.verification.verifier import NotADossierError

    return NotADossierError


def _no_verdict(error: CorridorError, checks: Sequence[str]) -> Verdict:
    """Return what is printed as JSON where there is no verdict; the exit code tells it from a rejection."""
    readable = Check(checks[0], Status.FAILED, error.code, error.message)
    why = "This builds on the check readable, which did not pass."
    others = [Check(name, Status.NOT_CHECKED, "needs-readable", why) for name in checks[1:]]
    return Verdict.of("", [readable, *others], checks)


def drawn(verdict: Verdict, why: str) -> "list[RenderableType]":
    """Return a verdict as a table of its checks and a box with the outcome.

    Args:
        verdict: The verdict.
        why: What to say beside the outcome.
    """
    from rich import box
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("check", "status", "reason"):
        table.add_column(title, no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for check in verdict.checks:
        status = Text(check.status.value, style=_STYLES[check.status])
        table.add_row(check.name, status, check.reason, plain(check.message))
    text = Text.assemble(
        (verdict.outcome.value.upper(), f"bold {_STYLES[verdict.outcome]}"), "  ", plain(why)
    )
    return [table, Panel(text, border_style=_STYLES[verdict.outcome], expand=False)]


def _why(verdict: Verdict, required: tuple[str, ...]) -> str:
    failed = [check.name for check in verdict.checks if check.status is Status.FAILED]
    if failed:
        return f"Failed: {', '.join(failed)}."
    lacking = [
        check.name for check in verdict.checks if check.name in required and check.status is not Status.PASSED
    ]
    if lacking:
        return f"Nothing failed, but the trust file also asks for: {', '.join(lacking)}."
    return "All that the trust file requires has passed, and nothing failed."


def rules_of(log: "Log | None") -> "list[RenderableType]":
    """Return the line that says by which corridor's rules a verdict was drawn, none where none is known."""
    if log is None:
        return []
    profile = log.profile
    text = f"By the rules of the corridor {profile.id}, version {profile.version}, {profile.hash.hex()}."
    return [plain(text)]


def identities_in(path: Path) -> list[Any]:
    """Return the age identities of a file, as `age-keygen` or `ssh-keygen` write them.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: It holds none.
    """
    import pyrage

    data = read_file(path, "the identity file", max_bytes=65_536)
    try:
        if data.startswith(b"-----BEGIN"):
            return [pyrage.ssh.Identity.from_buffer(data)]
        lines = [line.strip() for line in data.decode("ascii").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (UnicodeDecodeError, pyrage.IdentityError):
        found = []
    if not found:
        raise UsageError("bad-identity", f"{path} holds no age identity; age-keygen makes one")
    return found


def names_in(path: Path) -> frozenset[str]:
    """Return the names of a screening list; see `ledger.assessment.screening`.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: It is too long.
        MalformedError: It is no list of names.
    """
    from ledger.assessment.screening import MAX_BYTES, read_screening_list

    data = read_file(path, "the screening list", max_bytes=MAX_BYTES)
    with parsing(path):
        return frozenset(read_screening_list(data))
