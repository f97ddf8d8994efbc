"""Notes, checkpoints and proofs: whatever arrives is read in one way or refused by name."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.checkpoint import MAX_NUMBER, Checkpoint
from ledger.domain.ed25519 import is_public_key
from ledger.domain.errors import CorridorError, MalformedError
from ledger.domain.note import COSIGNATURE_V1, ED25519, Note, NoteSignature, VerifierKey, is_key_name
from ledger.domain.tlog_proof import TlogProof
from tests.domain import note_vectors as vectors

NAMES = st.text(min_size=1, max_size=20).filter(is_key_name)
PUBLICS = st.binary(min_size=32, max_size=32).filter(is_public_key)
KEYS = st.builds(VerifierKey, NAMES, st.sampled_from([ED25519, COSIGNATURE_V1]), PUBLICS)
LINES = st.builds(NoteSignature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))
CHARACTERS = st.characters(min_codepoint=32, exclude_categories=["Cs"])
TEXTS = st.text(CHARACTERS | st.just("\n")).map(lambda text: text + "\n")
CHECKPOINTS = st.builds(Checkpoint, NAMES, st.integers(0, MAX_NUMBER), st.binary(min_size=32, max_size=32))


@given(TEXTS, st.lists(LINES, min_size=1, max_size=5))
def test_any_note_comes_back_as_it_was_written(text: str, lines: list[NoteSignature]) -> None:
    note = Note(text, tuple(lines))
    assert Note.parse(note.encode()) == note


@given(KEYS)
def test_any_verifier_key_comes_back_as_it_was_written(key: VerifierKey) -> None:
    assert VerifierKey.parse(key.encode()) == key


@given(CHECKPOINTS)
def test_any_checkpoint_comes_back_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert Checkpoint.parse(checkpoint.body()) == checkpoint


@given(
    CHECKPOINTS,
    LINES,
    st.integers(0, MAX_NUMBER),
    st.lists(st.binary(min_size=32, max_size=32), max_size=5),
    st.binary(),
)
def test_any_proof_comes_back_as_it_was_written(
    checkpoint: Checkpoint, line: NoteSignature, index: int, hashes: list[bytes], extra: bytes
) -> None:
    proof = TlogProof(index, tuple(hashes), Note(checkpoint.body(), (line,)).encode(), extra)
    assert TlogProof.decode(proof.encode()) == proof


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
def test_arbitrary_bytes_are_malformed_or_read_and_written_the_same(data: bytes) -> None:
    with suppress(MalformedError):
        assert Note.parse(data).encode() == data
    with suppress(MalformedError):
        assert TlogProof.decode(data).encode() == data


@given(st.text(max_size=100))
def test_arbitrary_text_is_malformed_or_read_and_written_the_same(text: str) -> None:
    with suppress(MalformedError):
        assert VerifierKey.parse(text).encode() == text
    with suppress(MalformedError):
        assert Checkpoint.parse(text).body() == text


@given(st.data())
def test_a_live_checkpoint_with_a_piece_replaced_is_refused_by_name_or_read(data: st.DataObject) -> None:
    good = vectors.LIVE_CHECKPOINT
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    bad = good[:start] + data.draw(st.binary(max_size=8)) + good[end:]
    try:
        note = Note.parse(bad)
        Checkpoint.parse(note.text)
    except CorridorError:
        return
    assert note.encode() == bad
