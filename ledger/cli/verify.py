"""`corridor verify`: a dossier and a trust file in, a verdict out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.options import (
    Json,
    NodeTimeout,
    Now,
    Offline,
    OwnIdentities,
    ScreeningList,
    TrustOption,
    argument,
    option,
)
from ledger.cli.verdicts import EPILOG, VerdictCommand, give_verdict, identities_in, names_in, rules_of
from ledger.domain.clock import system_clock
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.fields import from_hex
from ledger.domain.verdict import CHECKS, Verdict

if TYPE_CHECKING:
    from ledger.verification.chain_view import ChainView
    from ledger.verification.trust import Trust
    from ledger.verification.verifier import Examination


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify", cls=VerdictCommand, epilog=EPILOG)(verify_dossier)


def verify_dossier(
    *,
    dossier: Annotated[Path, argument("DOSSIER", "The dossier file.")],
    trust: TrustOption,
    offline: Offline = False,
    as_json: Json = False,
    shipment: Annotated[str | None, option("URI", "Subject that the dossier has to be about.")] = None,
    identity: OwnIdentities = None,
    screening: ScreeningList = None,
    map_root: Annotated[
        str | None, option("HEX", "Map root at the dossier's target, from your own `corridor log check`.")
    ] = None,
    timeout: NodeTimeout = 10.0,
    now: Now = None,
) -> None:
    """Verify a dossier and say what it is worth, check by check.

    Nothing of it is taken on trust: everything rests on the trust file. No server is needed. Without
    `--offline`, a node that the trust file names is asked about the chain; when it cannot be reached, the
    proofs in the dossier do. Where the corridor has rules for shipments, their checks stand behind the
    others; `corridor assess` tells all that they find.

    Examples:

        corridor verify dossier.zip --trust trust.json
        corridor verify dossier.zip --trust trust.json --offline --json
    """

    done: list[Examination] = []

    def run(trusted: "Trust", view: "ChainView | None") -> Verdict:
        from ledger.verification.verifier import examine

        found = examine(
            dossier,
            trusted,
            clock=system_clock if now is None else lambda: now,
            chain_view=view,
            expected_shipment=shipment,
            identities=() if identity is None else identities_in(identity),
            replayed_map_root=None if map_root is None else _map_root(map_root),
            screening=None if screening is None else names_in(screening),
        )
        done.append(found)
        return found.verdict

    give_verdict(
        run,
        dossier,
        trust,
        CHECKS,
        offline=offline,
        timeout=timeout,
        as_json=as_json,
        more=lambda: rules_of(done[-1].log),
    )


def _map_root(text: str) -> bytes:
    try:
        return from_hex(text, 32, "--map-root")
    except MalformedError as error:
        raise UsageError(error.code, error.message) from None
