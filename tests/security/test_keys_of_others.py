"""What a stranger learns from the keys by which others repeat requests: nothing."""

import pytest

from ledger.domain.statement import FILE_MEDIA_TYPE, SignedStatement, StatementFile
from tests.builders import EXPORTER
from tests.integration.stage import Stage, another_trip

USED = "gate-2-000417"
UNUSED = "gate-2-000418"


def posted(stage: Stage, signed: SignedStatement, key: str, *, forged: bool = False) -> tuple[int, str]:
    raw = signed.raw[:-1] + bytes([signed.raw[-1] ^ 1]) if forged else signed.raw
    answer = stage.http.post(
        "/v1/statements",
        content=StatementFile(raw, signed.disclosures).encode(),
        headers={"Content-Type": FILE_MEDIA_TYPE, "Idempotency-Key": key},
    )
    return answer.status_code, str(answer.json().get("type", ""))


@pytest.fixture(name="used")
def _used(stage: Stage) -> None:
    """Let the exporter register under a key."""
    trip = another_trip("keys of others")
    posted(stage, stage.says(EXPORTER, "subject-opened", trip), USED)


@pytest.mark.usefixtures("used")
def test_a_stranger_does_not_learn_which_keys_somebody_used(stage: Stage) -> None:
    """Keys are often numbers in a row: who can ask for them counts somebody's trips."""
    trip = another_trip("forged")
    forged = stage.says(EXPORTER, "status", trip, {"said": "by nobody"})
    assert posted(stage, forged, USED, forged=True) == posted(stage, forged, UNUSED, forged=True)


@pytest.mark.usefixtures("used")
def test_its_owner_is_told_that_a_key_was_used(stage: Stage) -> None:
    other = stage.says(EXPORTER, "status", another_trip("keys of others"), {"said": "something else"})
    assert posted(stage, other, USED) == (422, "urn:corridor:problem:idempotency-key-reused")


@pytest.mark.usefixtures("used")
def test_a_reader_of_old_statements_neither_asks_for_keys_nor_uses_them_up(stage: Stage) -> None:
    """Whoever is in a stream holds statements of the others, and can send them again under any word."""
    trip = another_trip("read by others")
    read = stage.says(EXPORTER, "subject-opened", trip)
    assert stage.post(read).status_code == 201
    assert [posted(stage, read, key) for key in (USED, UNUSED)] == [(200, ""), (200, "")]
    assert posted(stage, stage.says(EXPORTER, "status", trip, {}), UNUSED) == (201, "")
