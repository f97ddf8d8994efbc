"""Bad files, end to end: taken in all the same, read by owner and operator, complained of, signed."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger.domain.cid import cid_of
from ledger.domain.evidence import items
from ledger.domain.statement import Statement, StatementFile
from tests.builders import EXPORTER
from tests.integration.served import OPERATOR, SETTINGS, Served, served
from tests.readers import clips
from tests.readers.formats import made
from tests.readers.test_hostile_papers import XML

PNG = made.encoded(made.photo(), "PNG")


class Bad(NamedTuple):
    """A file, what is said of it, and what is complained of."""

    data: bytes
    name: str
    media_type: str
    category: str
    outcome: str
    codes: set[str]


BAD = {
    "a truncated scan": Bad(
        PNG[: len(PNG) // 2], "scan.png", "image/png", "scan", "complained", {"truncated"}
    ),
    "a picture renamed to a paper": Bad(
        PNG, "invoice.pdf", "application/pdf", "paper", "complained", {"other-media-type"}
    ),
    "a paper renamed to a picture": Bad(
        XML["cut off"][0].encode(), "scan.png", "image/png", "scan", "complained", {"xml-syntax"}
    ),
    "a ZIP inside a PNG": Bad(
        PNG + made.archive(), "scan.png", "image/png", "scan", "complained", {"trailing-data"}
    ),
    "XML with an entity of a file": Bad(
        XML["external entity"][0].encode(), "duca.xml", "application/xml", "filing", "complained", {"xml-dtd"}
    ),
    "a billion laughs": Bad(
        XML["billion laughs"][0].encode(), "duca.xml", "application/xml", "filing", "complained", {"xml-dtd"}
    ),
    "a clip that claims 10 hours": Bad(
        clips.claiming(clips.clip(), clips.TEN_HOURS),
        *("clip.mp4", "video/mp4", "video", "complained", {"duration-claimed"}),
    ),
    "a picture of 60,000 by 60,000 pixels": Bad(
        made.png_of_size(60_000, 60_000), "scan.png", "image/png", "scan", "complained", {"image-too-large"}
    ),
    "a path as a file name": Bad(PNG, "../../../../etc/passwd", "image/png", "photo", "read", set()),
    "what nobody knows": Bad(
        b"\0\1\2 nothing at all",
        "scan.uff",
        "application/octet-stream",
        "scan",
        "not-understood",
        {"not-understood"},
    ),
}


@dataclass
class Scene:
    """A ledger with one trip, of which the operator is a member."""

    there: Served
    subject: str
    session: dict[str, str]

    def reading(self, identifier: str) -> tuple[Statement, dict[str, Any]]:
        """Return a statement as its reader gets it, with everything that it may see."""
        answer = self.there.http.get(f"/v1/statements/{identifier}/file", headers=self.session)
        assert answer.status_code == 200, answer.text
        file = StatementFile.parse(answer.content)
        statement = Statement.parse(file.statement)
        return statement, dict(statement.reveal(file.disclosures))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with served(tmp_path_factory.mktemp("bad"), SETTINGS) as there:
        subject = there.opened(EXPORTER)["subject"]
        there.did(EXPORTER, "stream", "grant", subject, "--member", OPERATOR)
        yield Scene(there, subject, there.session(EXPORTER))


@pytest.mark.parametrize("name", BAD)
def test_it_is_taken_in_and_both_readings_complain_of_it(scene: Scene, tmp_path: Path, name: str) -> None:
    bad, there = BAD[name], scene.there
    taken = there.took(
        bad.data, scene.session, media_type=bad.media_type, category=bad.category, name=bad.name
    )
    assert taken.item.name == bad.name
    body = there.body(evidence=[taken.item.to_json()])
    claim = there.did(EXPORTER, "statement", "say", "document", "--subject", scene.subject, "--body", body)
    # The operator's reading.
    answer = there.read(scene.session, taken, claim["id"])
    assert answer.status_code == 201, answer.text
    by_operator = answer.json()
    assert (by_operator["outcome"], by_operator["reason"]) == (bad.outcome, None)
    # The owner's reading, of its own file under an innocent name.
    file, item = tmp_path / "innocent.bin", tmp_path / "item.json"
    file.write_bytes(bad.data)
    item.write_text(json.dumps(taken.item.to_json()))
    told = there.did(
        *(EXPORTER, "evidence", "read", file, "--item", item, "--statement", claim["id"]),
        *("--subject", scene.subject, "--recipient", there.recipient, "--out", tmp_path),
    )
    for identifier, who in ((by_operator["id"], OPERATOR), (told["id"], EXPORTER)):
        statement, read = scene.reading(identifier)
        assert (statement.iss, statement.kind, read["of"]) == (who, "reading", taken.item.commitment.hex())
        codes = {one["code"] for one in read["complaints"]}
        assert (read["outcome"], codes >= bad.codes, bool(codes)) == (bad.outcome, True, bool(bad.codes))
        assert {one.category for one in items(read)} <= {f"rendition-{bad.category}"[:64]}
        assert "root:" not in json.dumps(read)


PATHS: dict[str, tuple[str, str, int, str]] = {
    "a CID that is not ours": ("GET", f"/v1/evidence/{cid_of([b'of another'])}", 404, "no-evidence"),
    "a path for a CID": ("GET", "/v1/evidence/..%2F..%2Fledger.db", 404, "http-404"),
    "an item with nothing in it": ("POST", "/v1/evidence?media_type=image/png&category=scan", 400, "empty"),
    "a name of a thousand characters": (
        *("POST", f"/v1/evidence?media_type=image/png&category=scan&name={'../' * 400}"),
        *(422, "invalid-request"),
    ),
    "a category that is a path": (
        *("POST", "/v1/evidence?media_type=image/png&category=../scan", 400, "malformed-field"),
    ),
}


@pytest.mark.parametrize("name", PATHS)
def test_what_is_refused_changes_no_table_and_no_file(scene: Scene, name: str) -> None:
    method, path, status, code = PATHS[name]
    there = scene.there
    headers = scene.session | {"Corridor-Recipients": there.recipient} if method == "POST" else scene.session
    before = _kept(there.data)
    answer = there.http.request(
        method, path, headers=headers | {"Content-Type": "application/octet-stream"}, content=b""
    )
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:corridor:problem:{code}"), problem
    assert problem["detail"]
    assert _kept(there.data) == before


def _kept(data: Path) -> dict[str, Any]:
    """Return the rows that only requests write, the leaves of the log, and the files of evidence."""
    rows: dict[str, Any] = {}
    with closing(sqlite3.connect(f"file:{data / 'ledger.db'}?mode=ro", uri=True)) as database:
        for table in ("statements", "stream_entries", "evidence_items", "evidence_claims"):
            rows[table] = sorted(map(repr, database.execute(f"SELECT * FROM {table}")))
    kept = sorted((data / "evidence").rglob("*"))
    return rows | {"files": [(str(path), path.stat().st_size) for path in kept if path.is_file()]}
