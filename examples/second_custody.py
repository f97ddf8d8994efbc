"""The checks of evidence and custody: sections 12, 13 and 15 of `docs/formats.md`.

Sixth part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import second_formats as formats
from second_case import Case, Finding, Findings, Registered, failed, missing, not_checked
from second_dossier import check_cid, cid_of
from second_formats import Refused, array, exactly, h, need, text_of, uint, unhex

TOKEN = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
RESULTS = "accepted|accepted-with-remarks|refused"


# (12) Evidence.


def claimed_items(each: Registered) -> list[dict[str, Any]]:
    """Return the evidence items that a statement reveals."""
    items = array(each.body.get("evidence", []), "evidence")
    for item in items:
        exactly(item, "commitment cid size media_type category name?", "evidence item")
        unhex(item["commitment"], 32, "evidence: commitment")
        uint(item["size"], "evidence: size")
        text_of(item["media_type"], f"{TOKEN}/{TOKEN}", "evidence: media type")
        text_of(item["category"], "[a-z][a-z0-9-]{0,63}", "evidence: category")
        check_cid(item["cid"])
        text_of(item.get("name", "-"), "(?s).{1,200}", "evidence: name")
    return items


def check_evidence(case: Case) -> Findings:
    items: list[dict[str, Any]] = []
    for each in case.statements:
        try:
            items += claimed_items(each)
        except Refused as error:
            yield failed("evidence-broken", f"{each}: {error}")
    cids, commitments = {item["cid"] for item in items}, {item["commitment"] for item in items}
    for cid, stored in case.dossier.evidence.items():
        if cid not in cids:
            yield failed("unclaimed-evidence", f"evidence/{cid}: no statement claims it")
        if cid_of(stored) != cid:
            yield failed("cid-mismatch", f"evidence/{cid}: other bytes than its name says")
    if any(commitment.hex() not in commitments for commitment in case.dossier.wrapped):
        yield failed("unclaimed-evidence", "evidence.cbor has a secret for an item that no statement claims")
    for item in items:
        if item["cid"] not in case.dossier.evidence:
            yield missing("withheld", f"evidence/{item['cid']} is not in the file")
        else:
            yield not_checked("sealed", "this verifier opens no age files, so commitments stay unopened")
    if not items:
        yield Finding("passed", "none-claimed", "no statement claims evidence")


# (13) Hand-overs, and the line of holders (15).


def opens_subject(each: Registered) -> bool:
    """Tell whether a statement opens its subject: by its creator, with its one custody tag (section 4)."""
    if each.kind != "subject-opened" or len(each.statement.tags) != 1:
        return False
    _, _, subject_type, key, _ = each.statement.sub.split(":")
    made = formats.subject_uri(subject_type, key, each.statement.iss, each.statement.tags[0])
    return made == each.statement.sub


def check_custody(case: Case) -> Findings:
    if "signature" not in case.passed:
        yield not_checked("needs-signature", "a statement is not what its signer signed")
        return
    known = {each.statement.id.hex() for each in case.statements}
    for each in case.statements:
        content = each.statement.content
        named = [one["id"] for one in content["references"]] + [content.get("corrects")]
        if any(one is not None and one not in known for one in named):
            yield missing("reference-missing", f"{each} refers to a statement that is not there")
    covered = [one["subject"] for one in case.dossier.manifest["streams"] if one["name"] == "custody"]
    for subject in dict.fromkeys([case.dossier.manifest["shipment"], *covered]):
        yield from line_of_holders(case, subject)


@dataclass(frozen=True)
class Signed:
    """A `hand-over` statement, and the terms if it discloses them."""

    by: Registered
    terms: bytes
    role: str
    result: str
    agreed: dict[str, Any] | None

    @property
    def iss(self) -> str:
        return self.by.statement.iss


def read_hand_over(each: Registered) -> Signed:
    terms = unhex(each.body.get("terms"), 32, "hand-over: terms")
    role = text_of(each.body.get("role"), "giver|taker", "hand-over: role")
    result = text_of(each.body.get("result"), RESULTS, "hand-over: result")
    agreed = None
    if "agreed" in each.body:
        text = text_of(each.body["agreed"], "(?s).+", "hand-over: agreed")
        need(h(text.encode()) == terms, "hand-over: other terms than those signed")
        agreed = read_terms(text.encode())
    return Signed(each, terms, role, result, agreed)


def read_terms(data: bytes) -> dict[str, Any]:
    need(len(data) <= 65_536, "terms: over 65,536 bytes")
    names = "format from to subjects place at remarks nonce"
    value = exactly(formats.strict_json(data), names, "terms")
    need(value["format"] == "corridor-terms/1", "terms: another format")
    for name in ("from", "to"):
        text_of(value[name], formats.ORGANISATION, f"terms: {name}")
    subjects = [text_of(each, formats.SUBJECT, "subject") for each in array(value["subjects"], "", 1, 16)]
    need(len(set(subjects)) == len(subjects), "terms: a subject twice")
    text_of(value["place"], "(?s).{1,200}", "terms: place")
    instant(value["at"])
    for remark in array(value["remarks"], "terms: remarks", 0, 64):
        text_of(remark, "(?s).{1,2000}", "terms: remark")
    unhex(value["nonce"], 16, "terms: nonce")
    return value


def instant(text: Any) -> Fraction:
    """Return the POSIX seconds of an RFC 3339 time."""
    form = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
    whole = text_of(text, form, "terms: at")
    digits = whole[19:].rstrip("Z").partition("+")[0].partition("-")[0]
    try:
        moment = datetime.fromisoformat(whole[:19] + whole[19 + len(digits) :])
    except ValueError as error:
        raise Refused(f"terms: at is no time: {error}") from error
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400 + since.seconds + Fraction("0" + digits)


@dataclass(frozen=True)
class HandOver:
    """All that was signed with the same terms, in the order of the log."""

    signed: list[Signed]

    @property
    def agreed(self) -> dict[str, Any] | None:
        return next((each.agreed for each in self.signed if each.agreed is not None), None)

    @property
    def order(self) -> tuple[Fraction, int]:
        iat = Fraction(min(each.by.statement.iat for each in self.signed))
        return (instant(self.agreed["at"]) if self.agreed else iat), self.signed[0].by.index

    def side(self, role: str) -> Signed | None:
        return next((each for each in reversed(self.signed) if each.role == role), None)


def line_of_holders(case: Case, subject: str) -> Findings:
    """Follow a subject from its creator through its hand-overs: section 13, line of custody."""
    opened = [each for each in case.statements if each.statement.sub == subject and opens_subject(each)]
    if not opened:
        yield missing("subject-not-opened", f"nothing says who first held {subject}")
    given = [each for each in case.statements if each.kind == "hand-over"]
    corrected = {(each.statement.iss, each.statement.content.get("corrects")) for each in given}
    groups: dict[bytes, list[Signed]] = {}
    for each in given:
        said = each.statement
        if (said.iss, said.id.hex()) not in corrected and subject in said.content["subjects"]:
            try:
                signed = read_hand_over(each)
            except Refused as error:
                yield failed("handover-malformed", f"{each}: {error}")
                continue
            groups.setdefault(signed.terms, []).append(signed)
    holders = [opened[0].statement.iss] if opened else []
    for each_one in sorted(map(HandOver, groups.values()), key=lambda one: one.order):
        yield from hand_over(each_one, subject, holders)


def hand_over(one: HandOver, subject: str, holders: list[str]) -> Findings:
    """Move the line from the last of its holders to the next one, if this hand-over does."""
    giver, taker, agreed = one.side("giver"), one.side("taker"), one.agreed
    for each in one.signed:
        if each.agreed is not None and subject not in each.agreed["subjects"]:
            yield failed("handover-other-subject", f"{each.by}: its terms are about other subjects")
    for role, name in (("giver", "from"), ("taker", "to")):
        side = [each for each in one.signed if each.role == role]
        parties = {each.iss for each in side}
        if parties - {agreed[name]} if agreed else len(parties) > 1:
            yield failed("handover-not-party", f"{', '.join(sorted(parties))} signed as {role}")
        if len({each.result for each in side}) > 1:
            yield failed("handover-contradicted", f"the {role} said two things of the same terms")
    if any(side is not None and side.result == "refused" for side in (giver, taker)):
        yield missing("handover-refused", f"a hand-over of {subject} was refused")
    elif giver is None or taker is None:
        yield missing("handover-unaccepted", f"a hand-over of {subject} was signed by one side only")
    else:
        gave, took = (agreed["from"], agreed["to"]) if agreed else (giver.iss, taker.iss)
        if gave == took:
            yield failed("handover-to-self", f"{gave} gave {subject} to itself")
        if holders and gave != holders[-1]:
            reason = "handover-competing" if gave in holders else "handover-gap"
            yield failed(reason, f"{gave} gave away {subject}, which {holders[-1]} held")
        holders += [took] if holders else [gave, took]
