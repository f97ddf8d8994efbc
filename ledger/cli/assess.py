"""`corridor assess`: all that a corridor's rules find in a dossier."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ledger.cli.options import (
    Json,
    Lang,
    NodeTimeout,
    Now,
    Offline,
    OwnIdentities,
    ScreeningList,
    TrustOption,
    argument,
)
from ledger.cli.verdicts import EPILOG, VerdictCommand, give_verdict, identities_in, names_in, rules_of
from ledger.domain.clock import system_clock
from ledger.domain.verdict import CHECKS, Verdict
from ledger.domain.words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ledger.verification.chain_view import ChainView
    from ledger.verification.trust import Trust
    from ledger.verification.verifier import Examination

_NOTHING: Final = Words(
    "The rules of the corridor ask nothing of this dossier, or nothing can be said of it: see the verdict.",
    "Las reglas del corredor no piden nada de este expediente, o nada puede decirse: véase el dictamen.",
    "Les règles du corridor ne demandent rien de ce dossier, ou rien ne peut en être dit : voir le verdict.",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("assess", cls=VerdictCommand, epilog=EPILOG)(assess)


def assess(
    *,
    dossier: Annotated[Path, argument("DOSSIER", "The dossier file.")],
    trust: TrustOption,
    lang: Lang = "en",
    offline: Offline = False,
    as_json: Json = False,
    identity: OwnIdentities = None,
    screening: ScreeningList = None,
    timeout: NodeTimeout = 10.0,
    now: Now = None,
) -> None:
    """Verify a dossier and tell all that its corridor's rules find in it, in a language of your choice.

    Shows the verdict, then every finding with the statements that it rests on, the planned, estimated and
    actual times with who says so, how long before arrival the evidence was there, and what is still missing.
    Give your identities to have papers compared that readers found in sealed evidence.

    Example:

        corridor assess dossier.zip --trust trust.json --lang es --identity age.key
    """
    done: list[Examination] = []

    def run(trusted: "Trust", view: "ChainView | None") -> Verdict:
        from ledger.verification.verifier import examine

        found = examine(
            dossier,
            trusted,
            clock=system_clock if now is None else lambda: now,
            chain_view=view,
            identities=() if identity is None else identities_in(identity),
            screening=None if screening is None else names_in(screening),
        )
        done.append(found)
        return found.verdict

    def more() -> "list[RenderableType]":
        from ledger.cli.findings import drawn_record

        rules, record = rules_of(done[-1].log), _found(done[-1], lang)
        return [*rules, *([_NOTHING.in_(lang)] if record is None else drawn_record(record, lang))]

    def to_json(verdict: Verdict) -> dict[str, Any]:
        return _record(done[-1] if done else None, verdict, lang)

    give_verdict(
        run,
        dossier,
        trust,
        CHECKS,
        offline=offline,
        timeout=timeout,
        as_json=as_json,
        more=more,
        to_json=to_json,
    )


def _record(found: "Examination | None", verdict: Verdict, language: str) -> dict[str, Any]:
    record = _found(found, language)
    if record is None:
        profile = None if found is None or found.log is None else found.log.profile.hash.hex()
        nothing: dict[str, Any] = {"checks": [], "clock": [], "margin": None, "needs": []}
        record = {"subject": verdict.shipment, "profile": profile} | nothing
    return record | {"outcome": verdict.outcome.value}


def _found(found: "Examination | None", language: str) -> dict[str, Any] | None:
    from ledger.assessment.record import record_of

    if found is None or found.case is None or found.assessment is None:
        return None
    return record_of(found.case, found.assessment, language)
