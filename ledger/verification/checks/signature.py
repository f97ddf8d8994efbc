"""Check `signature`: every statement is well-formed, for this log, and signed by the key that it names."""

from ledger.domain.cose import CoseKey
from ledger.domain.entry import statement_entry
from ledger.domain.errors import CorridorError, MalformedError, VerificationError
from ledger.domain.statement import Statement
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, count
from ledger.verification.dossier import Dossier, LoggedStatement
from ledger.verification.facts import Log, Said

NAME = "signature"


def check_signature(dossier: Dossier, log: Log) -> tuple[Check, tuple[Said, ...]]:
    """Return the check, and the statements that could be read, signed well or not.

    Args:
        dossier: What was parsed.
        log: The trusted log.
    """
    findings = Findings(NAME)
    keys = _keys(dossier, findings)
    audience = log.genesis.audience
    # One loop after the other: elliptic curves drive everything else out of the processor's caches.
    said = tuple(one for one in [_read(logged, findings) for logged in dossier.statements] if one is not None)
    for one in said:
        try:
            _verify(one, keys, audience)
        except VerificationError as error:
            findings.fail(error.code, f"In {one.shown}: {error.message}.")
    for thumbprint in keys.keys() - {one.statement.kid for one in said}:
        message = f"The dossier carries key {thumbprint.hex()[:16]}…, which no statement in it names."
        findings.fail("surplus-key", message)
    message = f"{count(len(said), 'statement')}, each signed by the key that it names, for this log."
    return findings.conclude(message), said


def _keys(dossier: Dossier, findings: Findings) -> dict[bytes, CoseKey]:
    keys = {}
    for encoded in dossier.keys:
        try:
            key = CoseKey.parse(encoded)
        except MalformedError as error:
            findings.fail(error.code, f"A signing key in the dossier cannot be used: {error.message}.")
        else:
            keys[key.thumbprint] = key
    return keys


def _read(logged: LoggedStatement, findings: Findings) -> Said | None:
    try:
        statement = Statement.parse(logged.raw)
        body = statement.reveal(logged.disclosures)
        entry = statement_entry(statement.envelope, statement.streams)
    except CorridorError as error:
        findings.fail(error.code, f"Statement {logged.index} cannot be read: {error.message}.")
        return None
    return Said(logged.index, statement, body, logged.path, entry)


def _verify(one: Said, keys: dict[bytes, CoseKey], audience: str) -> None:
    statement = one.statement
    key = keys.get(statement.kid)
    if key is None:
        message = f"the dossier does not carry its signing key {statement.kid.hex()[:16]}…"
        raise VerificationError("key-missing", message)
    if statement.aud != audience:
        raise VerificationError("other-log", "it was signed for another log", field="aud")
    statement.verify(key)
