"""The outbox: nothing is lost, nothing goes twice, and one bad thing in it holds up nothing else."""

import os
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ledger.client.outbox import Outbox
from ledger.client.outbox_entry import ANSWER, REFUSAL, STATEMENT, Entry, Place
from ledger.client.sending import Delivery, send
from ledger.domain.errors import ConflictError, CorridorError, MalformedError, NotFoundError, UnavailableError
from ledger.domain.statement import StatementFile
from tests.builders import NOON, a_genesis, a_trip, an_author
from tests.client.pretend import Pretend, Route, Waits, file_of

TRIP = a_trip()
LATER = NOON + 3600


def gate(count: int, *, same_second: bool = False) -> list[StatementFile]:
    """Return what a gate signs, in the order of signing."""
    author = an_author()
    return [
        file_of(
            author.says("gate-passage", TRIP, {"occurred_at": "2026-09-21T13:33:20Z", "lane": lane}, iat=at)
        )
        for lane, at in enumerate([NOON] * count if same_second else range(NOON, NOON + count))
    ]


def filled(folder: Path, files: Sequence[StatementFile]) -> Outbox:
    outbox = Outbox(folder / "outbox")
    for file in files:
        outbox.add(file)
    return outbox


def sending(outbox: Outbox, ledger: Pretend, **changes: object) -> Delivery:
    with ledger.service() as service:
        return send(outbox, service, clock=lambda: LATER, **changes)  # type: ignore[arg-type]


def ids(entries: Sequence[Entry]) -> list[str]:
    return [entry.id.hex() for entry in entries]


def test_what_is_added_waits_as_it_was_signed(tmp_path: Path) -> None:
    (file,) = gate(1)
    outbox = filled(tmp_path, [file])
    (entry,) = Outbox(outbox.folder).pending()
    assert (entry.file, entry.place, entry.answer, entry.refusal) == (file, Place.WAITING, None, None)
    assert (entry.path / STATEMENT).read_bytes() == file.encode()
    assert (entry.statement.iat, entry.occurred_at) == (NOON, "2026-09-21T13:33:20Z")
    assert entry.path.stat().st_mode & 0o077 == 0


def test_the_same_statement_again_is_there_once(tmp_path: Path) -> None:
    (file,) = gate(1)
    outbox = filled(tmp_path, [file, file])
    assert len(outbox.pending()) == 1
    ledger = Pretend()
    sending(outbox, ledger)
    assert outbox.add(file).place is Place.SENT
    assert outbox.pending() == []


@pytest.mark.parametrize("same_second", [False, True])
def test_they_go_in_the_order_of_signing_and_keep_their_times_apart(
    tmp_path: Path, same_second: bool
) -> None:
    files = gate(12, same_second=same_second)
    shuffled = files if same_second else random.Random(1).sample(files, 12)
    outbox, ledger = filled(tmp_path, shuffled), Pretend()
    delivery = sending(outbox, ledger)
    signed = [Entry.read(entry.path).statement for entry in delivery.acknowledged]
    assert [file.statement for file in files] == [statement.raw for statement in signed]
    assert ids(delivery.acknowledged) == ledger.log == ids(outbox.sent())
    assert outbox.pending() == []
    first = outbox.sent()[0]
    assert first.answer is not None
    assert (first.answer["acknowledged_at"], first.statement.iat) == (LATER, NOON)
    assert (first.answer["index"], first.answer["duplicate"]) == (1, False)


def test_any_order_brings_all_of_them_on_record(tmp_path: Path) -> None:
    files = gate(6)
    outbox, ledger = filled(tmp_path, files), Pretend()
    # Nothing is taken before the first one, which goes last.
    first = outbox.pending()[0].id
    ledger.waits_for = {entry.id: first for entry in outbox.pending()[1:]}
    delivery = sending(outbox, ledger, arrange=lambda entries: entries[::-1])
    assert (len(delivery.acknowledged), delivery.waiting, delivery.refused) == (6, (), ())
    assert ledger.log[0] == first.hex()
    assert all(entry.refusal is None for entry in outbox.sent())


def test_without_a_network_everything_stays(tmp_path: Path) -> None:
    outbox, ledger = filled(tmp_path, gate(3)), Pretend(down=True)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        sending(outbox, ledger)
    assert len(outbox.pending()) == 3
    ledger.down = False
    assert len(sending(outbox, ledger).acknowledged) == 3


def test_a_network_that_goes_away_half_way_ends_the_sending(tmp_path: Path) -> None:
    outbox, ledger = filled(tmp_path, gate(4)), Pretend()

    def cut(done: int, _of: int) -> None:
        ledger.down = done == 2

    delivery = sending(outbox, ledger, report=cut)
    assert (len(delivery.acknowledged), len(delivery.waiting)) == (2, 2)
    assert delivery.stopped is not None
    assert delivery.stopped.code == "ledger-unreachable"
    assert ids(outbox.pending()) == ids(delivery.waiting)
    ledger.down = False
    assert len(sending(outbox, ledger).acknowledged) == 2
    assert len(set(ledger.log)) == 4


def test_an_answer_that_got_lost_is_asked_for_again(tmp_path: Path) -> None:
    outbox, ledger = filled(tmp_path, gate(2)), Pretend(deaf=9)
    with ledger.service(patience=Waits().patience(attempts=1)) as service:
        assert send(outbox, service).stopped is not None
    assert len(ledger.log) == 1, "it was registered, and nobody knows"
    ledger.deaf = 0
    delivery = sending(outbox, ledger)
    assert [(entry.answer or {})["duplicate"] for entry in delivery.acknowledged] == [True, False]
    assert len(ledger.log) == 2


def test_a_refusal_stays_with_its_reason_and_holds_up_nothing(tmp_path: Path) -> None:
    outbox, ledger = filled(tmp_path, gate(3)), Pretend()
    second = outbox.pending()[1]
    ledger.refused[second.id] = (403, "kind-not-allowed")
    delivery = sending(outbox, ledger)
    assert (len(delivery.acknowledged), ids(delivery.refused)) == (2, [second.id.hex()])
    (left,) = Outbox(outbox.folder).pending()
    assert left.refusal is not None
    assert (left.place, left.refusal.code, left.refusal.at) == (Place.REFUSED, "kind-not-allowed", LATER)
    ledger.refused.clear()
    asked = len(ledger.asked)
    assert sending(outbox, ledger).acknowledged == ()
    assert ledger.asked[asked:] == [("GET", "/log/genesis")], "it is not sent again by itself"
    assert outbox.retry(second.id).place is Place.WAITING
    assert ids(sending(outbox, ledger).acknowledged) == [second.id.hex()]


@pytest.mark.parametrize(
    ("status", "code"), [(403, "not-a-member"), (403, "key-unknown"), (503, "log-busy"), (500, "internal")]
)
def test_a_reason_that_may_pass_is_tried_again_the_next_time(tmp_path: Path, status: int, code: str) -> None:
    outbox, ledger = filled(tmp_path, gate(2)), Pretend()
    first = outbox.pending()[0]
    ledger.refused[first.id] = (status, code)
    delivery = sending(outbox, ledger)
    assert (len(delivery.acknowledged), ids(delivery.waiting)) == (1, [first.id.hex()])
    assert delivery.waiting[0].refusal is not None
    assert delivery.waiting[0].refusal.code == code
    ledger.refused.clear()
    assert ids(sending(outbox, ledger).acknowledged) == [first.id.hex()]


def test_what_a_ledger_lost_after_all_can_be_sent_again(tmp_path: Path) -> None:
    outbox, ledger = filled(tmp_path, gate(2)), Pretend()
    sending(outbox, ledger)
    kept = outbox.sent()[0]
    # The operator's disk died, and the copy is older.
    ledger.log.remove(kept.id.hex())
    assert outbox.retry(kept.id).place is Place.WAITING
    assert ids(outbox.pending()) == [kept.id.hex()]
    assert ids(sending(outbox, ledger).acknowledged) == [kept.id.hex()]
    assert kept.id.hex() in ledger.log
    assert len(outbox.sent()) == 2


def test_gates_that_add_while_one_sends_lose_nothing(tmp_path: Path) -> None:
    files, ledger = gate(40), Pretend()
    folder = tmp_path / "outbox"

    def add(part: Sequence[StatementFile]) -> None:
        for file in part:
            Outbox(folder).add(file)

    with ThreadPoolExecutor(4) as pool:
        adding = [pool.submit(add, files[start::4]) for start in range(4)]
        while not all(one.done() for one in adding):
            sending(Outbox(folder), ledger)
        for one in adding:
            one.result()
    sending(Outbox(folder), ledger)
    assert Outbox(folder).pending() == []
    assert sorted(ids(Outbox(folder).sent())) == sorted(ledger.log)
    assert len(ledger.log) == 40


def answering(status: int, content: bytes) -> Route:
    return lambda _request: httpx.Response(status, content=content)


def test_what_is_no_answer_of_a_ledger_refuses_nothing(tmp_path: Path) -> None:
    """A portal of the port's wireless network answers everything with its own page."""
    outbox, ledger = filled(tmp_path, gate(2)), Pretend()
    for status, page in ((200, b"<html>"), (302, b""), (403, b"<html>")):
        ledger.routes[("POST", "/v1/statements")] = answering(status, page)
        delivery = sending(outbox, ledger)
        assert delivery.stopped is not None
        assert [entry.refusal for entry in outbox.pending()] == [None, None]


def test_what_is_for_another_log_is_not_sent(tmp_path: Path) -> None:
    other = an_author(genesis=a_genesis("log.corridor.example/other")).says("gate-passage", TRIP)
    outbox, ledger = filled(tmp_path, [file_of(other), *gate(1)]), Pretend()
    delivery = sending(outbox, ledger)
    assert (len(delivery.acknowledged), ids(delivery.foreign)) == (1, [other.statement.id.hex()])
    assert other.statement.id.hex() not in ledger.log
    assert len(outbox.pending()) == 1


def spoilt_json(entry: Entry) -> None:
    (entry.path / STATEMENT).write_bytes(b"\x00" * 100)


def cut_off(entry: Entry) -> None:
    data = (entry.path / STATEMENT).read_bytes()
    (entry.path / STATEMENT).write_bytes(data[: len(data) // 2])


def no_statement(entry: Entry) -> None:
    (entry.path / STATEMENT).unlink()


def another_statement(entry: Entry) -> None:
    (entry.path / STATEMENT).write_bytes(file_of(an_author().says("seal-check", TRIP)).encode())


def a_file_instead(entry: Entry) -> None:
    (entry.path / STATEMENT).rename(entry.path.with_suffix(".x"))
    entry.path.rmdir()
    entry.path.with_suffix(".x").rename(entry.path)


def far_too_large(entry: Entry) -> None:
    with (entry.path / STATEMENT).open("ab") as file:
        file.truncate(1 << 32)


@pytest.mark.parametrize(
    "harm", [spoilt_json, cut_off, no_statement, another_statement, a_file_instead, far_too_large]
)
def test_what_is_damaged_is_set_aside_and_holds_up_nothing(tmp_path: Path, harm: object) -> None:
    assert callable(harm)
    outbox, ledger = filled(tmp_path, gate(3)), Pretend()
    name = outbox.pending()[0].path.name
    harm(outbox.pending()[0])
    assert len(outbox.pending()) == 2
    assert [path.name for path in outbox.damaged()] == [name]
    delivery = sending(outbox, ledger)
    ((aside, why),) = delivery.damaged
    assert aside.exists()
    assert aside.name.startswith(name)
    assert isinstance(why, MalformedError)
    assert len(delivery.acknowledged) == 2
    assert outbox.damaged() == [aside]
    assert sending(outbox, ledger).damaged == ()


@pytest.mark.parametrize("note", [ANSWER, REFUSAL])
@pytest.mark.parametrize("content", [b"", b"{}", b"null", b"\xff", b'{"id":5}', b"[" * 100])
def test_a_note_that_cannot_be_read_says_nothing(tmp_path: Path, note: str, content: bytes) -> None:
    outbox, ledger = filled(tmp_path, gate(1)), Pretend()
    (outbox.pending()[0].path / note).write_bytes(content)
    assert outbox.pending()[0].place is Place.WAITING
    assert len(sending(outbox, ledger).acknowledged) == 1


def test_one_that_sends_keeps_out_another_but_nobody_who_adds(tmp_path: Path) -> None:
    first, second = gate(2)
    outbox = filled(tmp_path, [first])
    with outbox.held():
        with pytest.raises(ConflictError):
            sending(Outbox(outbox.folder), Pretend())
        outbox.add(second)
    assert len(outbox.pending()) == 2


def test_what_is_forgotten_is_gone_and_nothing_else(tmp_path: Path) -> None:
    outbox = filled(tmp_path, gate(3))
    gone = outbox.pending()[1]
    outbox.forget(gone.id)
    assert gone.id.hex() not in ids(outbox.pending())
    assert len(outbox.pending()) == 2
    for ask in (outbox.entry, outbox.retry, outbox.forget):
        with pytest.raises(NotFoundError, match="holds no statement"):
            ask(gone.id)


@pytest.mark.parametrize("where", ["/proc/outbox", "/dev/null", "/dev/null/outbox"])
def test_a_folder_that_cannot_be_written_is_said(where: str) -> None:
    with pytest.raises((UnavailableError, ConflictError)):
        Outbox(Path(where)).add(gate(1)[0])


def test_what_is_no_statement_is_not_added(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    with pytest.raises(MalformedError):
        outbox.add(StatementFile(b"nothing", ()))
    assert not outbox.folder.exists()


def test_an_empty_outbox_sends_nothing(tmp_path: Path) -> None:
    assert sending(Outbox(tmp_path / "outbox"), Pretend()) == Delivery()


FAULTS = ["add.written", "add.renamed", "acknowledge.noted", "acknowledge.renamed", "refuse.noted"]


@pytest.mark.parametrize("step", FAULTS)
def test_a_write_that_fails_at_any_step_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, step: str
) -> None:
    files, ledger = gate(3), Pretend()
    safe: list[StatementFile] = []

    def fault(at: str) -> None:
        if at == step:
            raise OSError(28, os.strerror(28))

    broken = Outbox(tmp_path / "outbox", fault=fault)
    for file in files:
        try:
            broken.add(file)
            safe.append(file)
        except UnavailableError:
            assert step.startswith("add.")
    if step.startswith("add."):
        assert len(Outbox(broken.folder).pending()) == (3 if step == "add.renamed" else 0)
    else:
        ledger.refused[broken.pending()[0].id] = (403, "kind-not-allowed")
        with pytest.raises(CorridorError):
            sending(broken, ledger)
        ledger.refused.clear()
    whole = Outbox(broken.folder)
    for entry in whole.pending():
        whole.retry(entry.id)
    for file in files:
        whole.add(file)
    sending(whole, ledger)
    assert sorted(ids(whole.sent())) == sorted(ledger.log)
    assert len(ledger.log) == len(files)
