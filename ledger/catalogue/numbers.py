"""Check digits of the numbers that a statement names, and the form of its place."""

from collections.abc import Mapping
from typing import Any

from ledger.catalogue.findings import Finding, Weight
from ledger.domain import identifiers
from ledger.domain.statement import Statement
from ledger.domain.subject import SUBJECT_OPENED, Subject

CHECK_DIGIT = "check-digit"
PLACE_FORM = "place-form"


def findings(statement: Statement, body: Mapping[str, Any], weight: Weight) -> list[Finding]:
    """Return a finding for each number whose check digit is wrong, and for a place that is no UN/LOCODE.

    Args:
        statement: As signed; an opening is looked at for the key of its subject.
        body: As revealed, in its shape.
        weight: What the corridor takes a wrong check digit for.

    Raises:
        MalformedError: The key of a subject that is opened is not what such subjects are filed under.
    """
    said: list[tuple[str | None, str]] = []
    if statement.kind == SUBJECT_OPENED:
        said.append((identifiers.check_key(Subject.parse(statement.sub)), "sub"))
    if "container" in body:
        said.append((identifiers.check_container(body["container"]), "body.container"))
    if "imo" in body.get("vessel", {}):
        said.append((identifiers.check_imo(body["vessel"]["imo"]), "body.vessel.imo"))
    found = [Finding(CHECK_DIGIT, wrong, field, weight) for wrong, field in said if wrong is not None]
    if "place" in body and (wrong := identifiers.check_place(body["place"])) is not None:
        # Any text may be a place: this one only looks mistyped.
        found.append(Finding(PLACE_FORM, wrong, "body.place", Weight.WARNING))
    return found
