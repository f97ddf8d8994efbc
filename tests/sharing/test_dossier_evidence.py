"""Evidence in dossiers over HTTP: secrets for the audience, sealed bytes, holes that the verdict names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.verdict import Outcome, Verdict
from ledger.verification.container import STREAMED, open_container
from ledger.verification.dossier import Dossier
from ledger.verification.verifier import verify
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.sharing.vault import TRIP, Vault, a_vault, ends, grants

PATH = f"/v1/subjects/{TRIP.uri}/dossier"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with a_vault(tmp_path) as vault:
        grants(vault, CUSTOMS)
        grants(vault, ORIGIN_PORT)
        yield vault


def dossier(vault: Vault, who: str, choice: str | None = None) -> bytes:
    answer = vault.stage.http.get(
        PATH, params={} if choice is None else {"evidence": choice}, headers=vault.sessions[who]
    )
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    return answer.content


def tag(vault: Vault, who: str, choice: str) -> str:
    answer = vault.stage.http.get(PATH, params={"evidence": choice}, headers=vault.sessions[who])
    return str(answer.headers["ETag"])


def judged(vault: Vault, file: bytes, who: str | None = None) -> Verdict:
    identities = () if who is None else (vault.keys[who],)
    return verify(file, vault.stage.trust(), clock=vault.stage.clock, identities=identities)


def evidence_in(verdict: Verdict) -> tuple[str, str | None]:
    (check,) = (one for one in verdict.checks if one.name == "evidence")
    return check.status.value, check.reason


def held(file: bytes) -> tuple[set[str], set[str]]:
    """Return the commitments of the secrets, and the CIDs of the bytes, in a dossier."""
    container = open_container(file)
    made = Dossier.parse(container)
    cids = {name.removeprefix(STREAMED) for name in container.names if name.startswith(STREAMED)}
    return {name.hex() for name, _ in made.secrets}, cids


def test_with_all_of_it_the_audience_verifies_and_opens_everything(vault: Vault) -> None:
    vault.give(CUSTOMS, "paper", "commercial")
    vault.stage.anchor()
    file = dossier(vault, CUSTOMS, "all")
    items = [vault.item("paper"), vault.item("commercial")]
    assert held(file) == ({one.commitment.hex() for one in items}, {one.cid for one in items})
    assert judged(vault, file).outcome is Outcome.ACCEPTED
    assert evidence_in(judged(vault, file, CUSTOMS)) == ("passed", "ok")
    assert evidence_in(judged(vault, file)) == ("not-checked", "sealed")


def test_it_holds_secrets_unless_it_is_said_otherwise(vault: Vault) -> None:
    vault.give(CUSTOMS, "paper")
    vault.stage.anchor()
    secrets, cids = held(dossier(vault, CUSTOMS))
    assert (secrets, cids) == ({vault.item("paper").commitment.hex()}, set())
    assert held(dossier(vault, CUSTOMS, "none")) == (set(), set())
    answer = vault.stage.http.get(PATH, params={"evidence": "some"}, headers=vault.sessions[CUSTOMS])
    assert answer.status_code == 422


def test_each_audience_gets_what_is_its_own(vault: Vault) -> None:
    """The port may fetch the sealed bytes of the prices, which a statement claims, and cannot open them."""
    vault.give(CUSTOMS, "paper", "commercial")
    vault.give(ORIGIN_PORT, "paper", "commercial")
    vault.give(EXPORTER, "paper")
    vault.stage.anchor()
    paper, prices = (vault.item(name).commitment.hex() for name in ("paper", "commercial"))
    for who, wanted in ((CUSTOMS, {paper, prices}), (ORIGIN_PORT, {paper}), (EXPORTER, {paper})):
        file = dossier(vault, who, "all")
        assert held(file)[0] == wanted, who
        assert judged(vault, file, who).outcome is Outcome.ACCEPTED


def test_what_was_withheld_or_is_gone_leaves_a_hole_that_the_verdict_names(vault: Vault) -> None:
    vault.give(CUSTOMS, "paper", "commercial")
    vault.stage.anchor()
    vault.stage.ledger.room.store.delete(vault.item("paper").cid)
    file = dossier(vault, CUSTOMS, "all")
    assert held(file)[1] == {vault.item("commercial").cid}
    verdict = judged(vault, file, CUSTOMS)
    assert verdict.outcome is Outcome.ACCEPTED
    assert evidence_in(verdict) == ("missing", "withheld")


def test_what_has_rotted_is_not_handed_out(vault: Vault) -> None:
    vault.stage.anchor()
    cid = vault.item("paper").cid
    (path,) = (one for one in vault.stage.ledger.settings.data.rglob(cid) if one.is_file())
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    answer = vault.stage.http.get(PATH, params={"evidence": "all"}, headers=vault.sessions[CUSTOMS])
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:corridor:problem:evidence-rotten")
    assert len(dossier(vault, CUSTOMS, "secrets")) > 0


def test_too_much_for_one_dossier_is_refused_before_it_is_read(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.stage.anchor()
    monkeypatch.setattr(type(vault.stage.ledger.room.store), "size", lambda _store, _cid: 3 << 30)
    answer = vault.stage.http.get(PATH, params={"evidence": "all"}, headers=vault.sessions[CUSTOMS])
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:corridor:problem:too-large")


def test_a_tag_is_of_one_audience_and_choice_and_of_what_it_was_given(vault: Vault) -> None:
    vault.stage.anchor()
    choices = ("none", "secrets", "all")
    before = {(who, choice): tag(vault, who, choice) for who in (CUSTOMS, EXPORTER) for choice in choices}
    assert len(set(before.values())) == len(before)
    headers = vault.sessions[CUSTOMS] | {"If-None-Match": before[CUSTOMS, "secrets"]}
    assert vault.stage.http.get(PATH, headers=headers).status_code == 304
    vault.give(CUSTOMS, "paper")
    answer = vault.stage.http.get(PATH, headers=headers)
    assert (answer.status_code, held(answer.content)[0]) == (200, {vault.item("paper").commitment.hex()})


def test_after_the_end_of_a_grant_there_are_no_more(vault: Vault) -> None:
    shown = grants(vault, ORIGIN_PORT, categories=["commercial"])
    vault.give(ORIGIN_PORT, "commercial")
    vault.stage.anchor()
    assert held(dossier(vault, ORIGIN_PORT, "all"))[0] == {vault.item("commercial").commitment.hex()}
    ends(vault, shown)
    assert held(dossier(vault, ORIGIN_PORT, "all"))[0] == set()


def test_nobody_puts_secrets_into_anothers_dossier(vault: Vault) -> None:
    """Customs claims the exporter's item, too: its word on the secret comes after the exporter's."""
    item = vault.item("paper")
    vault.say(CUSTOMS, "document", {"evidence": [item.to_json()]})
    record = vault.record([item], ORIGIN_PORT, CUSTOMS)
    garbage = vault.batch(ORIGIN_PORT, "commercial", record=record)
    garbage["secrets"][0] |= {"commitment": item.commitment.hex(), "cid": item.cid}
    assert vault.post(CUSTOMS, garbage).status_code == 200
    vault.give(ORIGIN_PORT, "paper")
    vault.stage.anchor()
    file = dossier(vault, ORIGIN_PORT, "all")
    verdict = judged(vault, file, ORIGIN_PORT)
    assert verdict.outcome is Outcome.ACCEPTED


def test_who_only_repeats_a_claim_makes_nobodys_evidence_fail(vault: Vault) -> None:
    """Customs claims the exporter's item, too, and the exporter gives the port nothing."""
    item = vault.item("paper")
    vault.say(CUSTOMS, "document", {"evidence": [item.to_json()]})
    garbage = vault.batch(ORIGIN_PORT, "commercial", record=vault.record([item], ORIGIN_PORT, CUSTOMS))
    garbage["secrets"][0] |= {"commitment": item.commitment.hex(), "cid": item.cid}
    assert vault.post(CUSTOMS, garbage).status_code == 200
    vault.stage.anchor()
    file = dossier(vault, ORIGIN_PORT, "all")
    assert held(file)[0] == set()
    verdict = judged(vault, file, ORIGIN_PORT)
    assert verdict.outcome is Outcome.ACCEPTED
    assert evidence_in(verdict) == ("not-checked", "sealed")


def test_a_secret_of_other_bytes_counts_for_nothing(vault: Vault) -> None:
    """A stolen device of the port hands over a secret of its own bytes under the exporter's commitment."""
    vault.give(ORIGIN_PORT, "paper")
    item, other = vault.item("paper"), vault.store(ORIGIN_PORT, b"other bytes", "paper").item
    batch = vault.batch(ORIGIN_PORT, "commercial")
    batch["secrets"][0] |= {"commitment": item.commitment.hex(), "cid": other.cid}
    assert vault.post(ORIGIN_PORT, batch).status_code == 200
    vault.stage.anchor()
    verdict = judged(vault, dossier(vault, ORIGIN_PORT, "all"), ORIGIN_PORT)
    assert evidence_in(verdict) == ("not-checked", "sealed"), "the paper opens, the prices do not"
