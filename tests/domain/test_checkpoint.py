"""Checkpoints and cosignatures: a live log's are read, ours are read by the same rules, nothing else is."""

import pytest

from ledger.domain.checkpoint import (
    MAX_NUMBER,
    Checkpoint,
    Cosignature,
    cosign,
    from_decimal,
    open_checkpoint,
    sign_checkpoint,
    verify_cosignatures,
)
from ledger.domain.errors import MalformedError, UsageError, VerificationError
from ledger.domain.note import COSIGNATURE_V1, ED25519, Note, NoteSignature, VerifierKey, sign_text
from tests.domain import note_vectors as vectors

ORIGIN = "log.example/corridor"
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 42, ROOT)


def public(name: str, kind: int, seed: int) -> VerifierKey:
    return VerifierKey(name, kind, vectors.key(seed).public_key().public_bytes_raw())


LOG = public(ORIGIN, ED25519, 1)
FIRST, SECOND = public("w1.example", COSIGNATURE_V1, 2), public("w2.example", COSIGNATURE_V1, 3)
SIGNED = sign_checkpoint(CHECKPOINT, LOG, vectors.key(1).sign)


def cosigned(*at: tuple[VerifierKey, int, int]) -> Note:
    """Return the note with cosignatures by these keys, private seeds and times."""
    return Note.parse(SIGNED).add(
        *(cosign(CHECKPOINT, key, time, vectors.key(seed).sign) for key, seed, time in at)
    )


def test_a_live_logs_checkpoint_and_its_witnesses_verify() -> None:
    checkpoint, note, key = open_checkpoint(
        vectors.LIVE_CHECKPOINT, [LOG, VerifierKey.parse(vectors.LIVE_LOG_KEY)]
    )
    assert (checkpoint.origin, checkpoint.size) == ("arche2025h1.staging.ct.transparency.dev", 1432088532)
    assert checkpoint.body() == note.text
    assert key.encode() == vectors.LIVE_LOG_KEY
    witnesses = [VerifierKey.parse(text) for text in vectors.LIVE_WITNESS_KEYS]
    assert verify_cosignatures(note, witnesses) == [Cosignature(key.name, 1779573024) for key in witnesses]


def test_a_signed_checkpoint_is_the_text_of_the_format() -> None:
    text, _, line = SIGNED.decode().partition("\n\n")
    assert text == f"{ORIGIN}\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert line.startswith(f"— {ORIGIN} ")
    assert line.count("\n") == 1


def test_what_the_log_signed_opens_and_says_which_key_it_was() -> None:
    newer = public(ORIGIN, ED25519, 8)
    opened = open_checkpoint(SIGNED, [newer, LOG])
    assert (opened.checkpoint, opened.key) == (CHECKPOINT, LOG)
    assert opened.note.encode() == SIGNED


def test_a_key_of_another_log_does_not_open_it() -> None:
    elsewhere = public("other.example", ED25519, 1)
    as_other = Note(
        CHECKPOINT.body(), (sign_text(CHECKPOINT.body(), elsewhere, vectors.key(1).sign),)
    ).encode()
    for data, keys in (
        (SIGNED, [elsewhere]),
        (as_other, [elsewhere]),
        (SIGNED, [public(ORIGIN, ED25519, 9)]),
        (SIGNED, []),
    ):
        with pytest.raises(VerificationError):
            open_checkpoint(data, keys)


def test_a_log_signs_only_under_its_own_name_and_with_a_log_key() -> None:
    with pytest.raises(UsageError):
        sign_checkpoint(CHECKPOINT, public("other.example", ED25519, 1), vectors.key(1).sign)
    with pytest.raises(UsageError):
        sign_checkpoint(CHECKPOINT, public(ORIGIN, COSIGNATURE_V1, 1), vectors.key(1).sign)
    with pytest.raises(VerificationError):
        sign_checkpoint(CHECKPOINT, LOG, vectors.key(2).sign)


def test_every_flipped_bit_of_a_checkpoint_is_refused() -> None:
    for place in range(len(SIGNED)):
        for bit in range(8):
            bad = bytearray(SIGNED)
            bad[place] ^= 1 << bit
            with pytest.raises((MalformedError, VerificationError)):
                open_checkpoint(bytes(bad), [LOG])


B64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BAD_BODIES = {
    "nothing": "",
    "no root": f"{ORIGIN}\n42\n",
    "no last newline": f"{ORIGIN}\n42\n{B64}",
    "extension line": f"{ORIGIN}\n42\n{B64}\nextension\n",
    "empty line more": f"{ORIGIN}\n42\n{B64}\n\n",
    "empty origin": f"\n42\n{B64}\n",
    "origin with a space": f"a b\n42\n{B64}\n",
    "origin with a plus": f"a+b\n42\n{B64}\n",
    "empty size": f"{ORIGIN}\n\n{B64}\n",
    "leading zero": f"{ORIGIN}\n042\n{B64}\n",
    "two zeroes": f"{ORIGIN}\n00\n{B64}\n",
    "plus sign": f"{ORIGIN}\n+42\n{B64}\n",
    "minus sign": f"{ORIGIN}\n-42\n{B64}\n",
    "space": f"{ORIGIN}\n 42\n{B64}\n",
    "underscore": f"{ORIGIN}\n4_2\n{B64}\n",
    "hexadecimal": f"{ORIGIN}\n0x42\n{B64}\n",
    "digits of another script": f"{ORIGIN}\n٤٢\n{B64}\n",
    "superscript": f"{ORIGIN}\n4²\n{B64}\n",
    "2^63": f"{ORIGIN}\n{1 << 63}\n{B64}\n",
    "a million digits": f"{ORIGIN}\n{'9' * 1_000_000}\n{B64}\n",
    "31 bytes": f"{ORIGIN}\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
    "no padding": f"{ORIGIN}\n42\n{B64[:-1]}\n",
    "bits that say nothing": f"{ORIGIN}\n42\n{B64[:-2]}9=\n",
    "hex root": f"{ORIGIN}\n42\n{ROOT.hex()}\n",
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_text_that_is_no_checkpoint_is_malformed(name: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(BAD_BODIES[name])


@pytest.mark.parametrize(
    "name", [name for name, body in BAD_BODIES.items() if body.endswith("\n") and len(body) < 9999]
)
def test_a_log_key_does_not_make_a_bad_checkpoint_good(name: str) -> None:
    body = BAD_BODIES[name]
    data = Note(body, (sign_text(body, LOG, vectors.key(1).sign),)).encode()
    with pytest.raises(MalformedError):
        open_checkpoint(data, [LOG])


@pytest.mark.parametrize("size", [0, 1, 10, MAX_NUMBER])
def test_reading_a_body_gives_back_what_was_written(size: int) -> None:
    checkpoint = Checkpoint(ORIGIN, size, ROOT)
    assert Checkpoint.parse(checkpoint.body()) == checkpoint


@pytest.mark.parametrize(
    "wrong", [("", 1, ROOT), ("a b", 1, ROOT), ("a", -1, ROOT), ("a", 1 << 63, ROOT), ("a", 1, b"")]
)
def test_a_checkpoint_that_could_not_be_read_is_not_made(wrong: tuple[str, int, bytes]) -> None:
    with pytest.raises(MalformedError):
        Checkpoint(*wrong)


def test_a_decimal_says_what_it_was_meant_to_be() -> None:
    assert from_decimal("0", "a size") == 0
    with pytest.raises(MalformedError, match="a size must be a decimal"):
        from_decimal("01", "a size")


class TestCosignatures:
    """Witnesses."""

    def test_the_signed_message_is_that_of_the_specification(self) -> None:
        checkpoint = Checkpoint.parse(
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        )
        messages: list[bytes] = []

        def sign(message: bytes) -> bytes:
            messages.append(message)
            return vectors.key(2).sign(message)

        line = cosign(checkpoint, FIRST, 1679315147, sign)
        assert messages == [b"cosignature/v1\ntime 1679315147\n" + checkpoint.body().encode()]
        assert line.signature[:8] == (1679315147).to_bytes(8)
        assert len(line.signature) == 72
        assert line.key_id == FIRST.key_id

    def test_each_witness_that_cosigned_is_listed_with_its_time(self) -> None:
        note = cosigned((FIRST, 2, 100), (SECOND, 3, 200))
        assert verify_cosignatures(note, [SECOND, FIRST]) == [("w2.example", 200), ("w1.example", 100)]
        assert verify_cosignatures(note, [FIRST]) == [("w1.example", 100)]
        assert verify_cosignatures(Note.parse(SIGNED), [FIRST, SECOND]) == []
        assert open_checkpoint(note.encode(), [LOG]).checkpoint == CHECKPOINT

    def test_a_witness_counts_once_with_its_first_or_its_last_time(self) -> None:
        note = cosigned((FIRST, 2, 300), (FIRST, 2, 100), (FIRST, 2, 200))
        assert verify_cosignatures(note, [FIRST]) == [("w1.example", 100)]
        assert verify_cosignatures(note, [FIRST], pick=max) == [("w1.example", 300)]
        assert verify_cosignatures(note, [FIRST, FIRST]) == [("w1.example", 100)]

    def test_two_keys_of_one_witness_are_one_witness(self) -> None:
        newer = public("w1.example", COSIGNATURE_V1, 4)
        note = cosigned((FIRST, 2, 200), (newer, 4, 100))
        assert verify_cosignatures(note, [FIRST, newer]) == [("w1.example", 100)]

    def test_one_key_under_two_names_is_refused_for_it_would_count_twice(self) -> None:
        alias = public("alias.example", COSIGNATURE_V1, 2)
        genuine = cosign(CHECKPOINT, FIRST, 100, vectors.key(2).sign)
        relabelled = NoteSignature(alias.name, alias.key_id, genuine.signature)
        note = Note.parse(SIGNED).add(genuine, relabelled)
        # Why it has to be refused: the relabelled line verifies.
        assert verify_cosignatures(note, [alias]) == [("alias.example", 100)]
        with pytest.raises(UsageError) as caught:
            verify_cosignatures(note, [FIRST, alias])
        assert caught.value.code == "shared-witness-key"

    def test_a_cosignature_of_another_checkpoint_or_time_does_not_hold(self) -> None:
        genuine = cosign(CHECKPOINT, FIRST, 100, vectors.key(2).sign)
        other = cosign(Checkpoint(ORIGIN, 43, ROOT), FIRST, 100, vectors.key(2).sign)
        retimed = NoteSignature(FIRST.name, FIRST.key_id, (101).to_bytes(8) + genuine.signature[8:])
        late = NoteSignature(FIRST.name, FIRST.key_id, (1 << 63).to_bytes(8) + genuine.signature[8:])
        short = NoteSignature(FIRST.name, FIRST.key_id, genuine.signature[:-1])
        tiny = NoteSignature(FIRST.name, FIRST.key_id, b"\x00")
        for line in (other, retimed, late, short, tiny):
            for note in (Note.parse(SIGNED).add(line), Note.parse(SIGNED).add(genuine, line)):
                with pytest.raises(VerificationError):
                    verify_cosignatures(note, [FIRST])

    def test_a_time_past_the_limit_counts_for_nothing_even_when_signed(self) -> None:
        for time, holds in ((MAX_NUMBER, True), (MAX_NUMBER + 1, False)):
            message = f"cosignature/v1\ntime {time}\n{CHECKPOINT.body()}".encode()
            signature = time.to_bytes(8) + vectors.key(2).sign(message)
            note = Note.parse(SIGNED).add(NoteSignature(FIRST.name, FIRST.key_id, signature))
            if holds:
                assert verify_cosignatures(note, [FIRST]) == [("w1.example", time)]
            else:
                with pytest.raises(VerificationError, match="out of range"):
                    verify_cosignatures(note, [FIRST])

    def test_every_flipped_bit_of_a_cosignature_line_makes_it_count_for_nothing(self) -> None:
        note = cosigned((FIRST, 2, 100))
        data = note.encode()
        for place in range(len(SIGNED), len(data)):
            for bit in range(8):
                bad = bytearray(data)
                bad[place] ^= 1 << bit
                try:
                    counted = verify_cosignatures(Note.parse(bytes(bad)), [FIRST])
                except (MalformedError, VerificationError):
                    continue
                assert counted == []

    def test_a_log_signature_is_no_cosignature_and_the_other_way_round(self) -> None:
        body = CHECKPOINT.body()
        as_witness = NoteSignature(
            FIRST.name, FIRST.key_id, (100).to_bytes(8) + vectors.key(2).sign(body.encode())
        )
        with pytest.raises(VerificationError):
            verify_cosignatures(Note.parse(SIGNED).add(as_witness), [FIRST])
        log_as_witness = public(ORIGIN, COSIGNATURE_V1, 1)
        cosignature = cosign(CHECKPOINT, log_as_witness, 100, vectors.key(1).sign)
        with pytest.raises(VerificationError):
            open_checkpoint(Note(body, (cosignature,)).encode(), [LOG])

    def test_keys_of_the_wrong_kind_and_times_out_of_range_are_refused(self) -> None:
        with pytest.raises(UsageError):
            cosign(CHECKPOINT, LOG, 100, vectors.key(1).sign)
        with pytest.raises(UsageError):
            verify_cosignatures(Note.parse(SIGNED), [LOG])
        for time in (-1, 1 << 63):
            with pytest.raises(UsageError):
                cosign(CHECKPOINT, FIRST, time, vectors.key(2).sign)
        with pytest.raises(VerificationError):
            cosign(CHECKPOINT, FIRST, 100, vectors.key(3).sign)
