"""Signed notes: what other software made is read and made again byte for byte, and nothing sloppy is."""

from base64 import b64encode

import pytest

from ledger.domain.errors import MalformedError, UsageError, VerificationError
from ledger.domain.note import (
    COSIGNATURE_V1,
    ED25519,
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    VerifierKey,
    from_base64,
    parse_signatures,
    sign_text,
    verify_note,
)
from tests.domain import note_vectors as vectors

PETER = VerifierKey.parse(vectors.PETER_KEY)
ENOCH = VerifierKey.parse(vectors.ENOCH_KEY)
GO_NOTE = f"{vectors.GO_TEXT}\n{vectors.PETER_LINE}{vectors.ENOCH_LINE}".encode()


def test_notes_that_other_software_signed_verify() -> None:
    assert verify_note(Note.parse(GO_NOTE), [PETER, ENOCH]) == [PETER, ENOCH]
    c2sp = VerifierKey.parse(vectors.C2SP_KEY)
    note = Note.parse(vectors.C2SP_NOTE)
    assert verify_note(note, [c2sp]) == [c2sp]
    assert note.text == "This is an example message.\n"


def test_signing_makes_the_same_bytes_as_go() -> None:
    line = sign_text(vectors.GO_TEXT, PETER, vectors.PETER_PRIVATE.sign)
    assert line.line() == vectors.PETER_LINE
    assert Note(vectors.GO_TEXT, (line,)).encode() == f"{vectors.GO_TEXT}\n{vectors.PETER_LINE}".encode()


@pytest.mark.parametrize("data", [GO_NOTE, vectors.C2SP_NOTE, vectors.LIVE_CHECKPOINT])
def test_reading_and_writing_a_note_gives_the_same_bytes(data: bytes) -> None:
    assert Note.parse(data).encode() == data


def test_the_text_ends_at_the_last_empty_line() -> None:
    line = sign_text("a\n\nb\n\n", PETER, vectors.PETER_PRIVATE.sign)
    note = Note.parse(Note("a\n\nb\n\n", (line,)).encode())
    assert note.text == "a\n\nb\n\n"
    assert verify_note(note, [PETER]) == [PETER]


def test_signatures_by_unknown_keys_are_kept_and_ignored() -> None:
    note = Note.parse(GO_NOTE)
    assert verify_note(note, [PETER]) == [PETER]
    assert [line.name for line in note.signatures] == ["PeterNeumann", "EnochRoot"]
    # A key that shares only the name, or only the id, is another key.
    namesake = VerifierKey(ENOCH.name, ED25519, PETER.public)
    assert verify_note(note, [PETER, namesake]) == [PETER]


def test_a_note_that_no_trusted_key_signed_is_refused() -> None:
    for keys in ([], [VerifierKey.parse(vectors.C2SP_KEY)]):
        with pytest.raises(VerificationError) as caught:
            verify_note(Note.parse(GO_NOTE), keys)
        assert caught.value.code == "note-unsigned"


def test_one_bad_signature_of_a_trusted_key_refuses_the_whole_note() -> None:
    bad = NoteSignature(ENOCH.name, ENOCH.key_id, bytes(64))
    for note in (Note.parse(GO_NOTE).add(bad), Note(vectors.GO_TEXT, (bad, *Note.parse(GO_NOTE).signatures))):
        with pytest.raises(VerificationError, match="EnochRoot"):
            verify_note(note, [PETER, ENOCH])
        assert verify_note(note, [PETER]) == [PETER]


@pytest.mark.parametrize("length", [1, 63, 65, 200])
def test_a_signature_of_wrong_length_does_not_hold(length: int) -> None:
    note = Note(vectors.GO_TEXT, (NoteSignature(PETER.name, PETER.key_id, bytes(length)),))
    with pytest.raises(VerificationError):
        verify_note(note, [PETER])


def test_every_flipped_bit_of_a_note_is_refused() -> None:
    data = f"{vectors.GO_TEXT}\n{vectors.PETER_LINE}".encode()
    for place in range(len(data)):
        for bit in range(8):
            bad = bytearray(data)
            bad[place] ^= 1 << bit
            with pytest.raises((MalformedError, VerificationError)):
                verify_note(Note.parse(bytes(bad)), [PETER])


TEXT, LINE = vectors.GO_TEXT, vectors.PETER_LINE
MALFORMED = {
    "nothing": "",
    "only a newline": "\n",
    "text alone": TEXT,
    "no signature": f"{TEXT}\n",
    "no empty line": TEXT + LINE,
    "last newline missing": f"{TEXT}\n{LINE[:-1]}",
    "a line after the signatures": f"{TEXT}\n{LINE}Unexpected line.\n",
    "an empty line after the signatures": f"{TEXT}\n{LINE}\n",
    "an empty line between signatures": f"{TEXT}\n{LINE}\n{LINE[:-1]}",
    "carriage returns": f"{TEXT}\n{LINE}".replace("\n", "\r\n"),
    "control character": f"\x01{TEXT}\n{LINE}",
    "tab": f"a\tb\n\n{LINE}",
    "no byte at all before the empty line": f"\n{LINE}",
    "a hyphen for the dash": f"{TEXT}\n{LINE}".replace("—", "-"),
    "no space after the dash": f"{TEXT}\n{LINE}".replace("— ", "—"),
    "two spaces": f"{TEXT}\n{LINE}".replace("— ", "—  "),
    "name with a space": f"{TEXT}\n{LINE}".replace("PeterNeumann", "Peter Neumann"),
    "name with a no-break space": f"{TEXT}\n{LINE}".replace("PeterNeumann", "Peter\u00a0Neumann"),
    "name with a plus": f"{TEXT}\n{LINE}".replace("PeterNeumann", "Peter+Neumann"),
    "no name": f"{TEXT}\n{LINE}".replace("PeterNeumann", ""),
    "no signature bytes": f"{TEXT}\n— PeterNeumann x08gow==\n",
    "base64 without padding": f"{TEXT}\n{LINE}".replace("=", ""),
    "base64 with more padding": f"{TEXT}\n{LINE}".replace("=", "=="),
    "base64 of the other alphabet": f"{TEXT}\n{LINE}".replace("/", "_"),
    "base64 with bits that say nothing": f"{TEXT}\n{LINE}".replace("AM=", "AN="),
    "a space after the base64": f"{TEXT}\n{LINE[:-1]} \n",
    "too many signatures": f"{TEXT}\n{LINE * (MAX_SIGNATURES + 1)}",
    "too large": f"{'a' * MAX_NOTE}\n\n{LINE}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_a_note_is_malformed(name: str) -> None:
    with pytest.raises(MalformedError):
        Note.parse(MALFORMED[name].encode())


@pytest.mark.parametrize("junk", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80"])
def test_a_note_that_is_not_utf8_is_malformed(junk: bytes) -> None:
    with pytest.raises(MalformedError):
        Note.parse(junk + GO_NOTE)


def test_as_many_signatures_as_allowed_are_read() -> None:
    assert len(Note.parse(f"{TEXT}\n{LINE * MAX_SIGNATURES}".encode()).signatures) == MAX_SIGNATURES


UNWRITABLE = {
    "no last newline": Note("text", (Note.parse(GO_NOTE).signatures)),
    "no signature": Note("text\n", ()),
    "control character": Note("te\txt\n", Note.parse(GO_NOTE).signatures),
    "half a surrogate pair": Note("\ud800\n", Note.parse(GO_NOTE).signatures),
    "bad name": Note("text\n", (NoteSignature("a b", bytes(4), bytes(64)),)),
    "short key id": Note("text\n", (NoteSignature("a", b"", bytes(4)),)),
    "an empty signature": Note("text\n", (NoteSignature("a", bytes(4), b""),)),
    "a key id of the wrong length": Note("text\n", (NoteSignature("a", bytes(3), bytes(64)),)),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_a_note_that_nobody_could_read_is_not_written(name: str) -> None:
    with pytest.raises(UsageError):
        UNWRITABLE[name].encode()


def test_added_signatures_come_last_and_only_once() -> None:
    peter, enoch = Note.parse(GO_NOTE).signatures
    note = Note(TEXT, (peter,))
    assert note.add(enoch).signatures == note.add(enoch, enoch, peter).signatures == (peter, enoch)
    assert note.signatures == (peter,)


def test_signature_lines_alone_are_read_as_a_witness_answers_them() -> None:
    assert parse_signatures(LINE + vectors.ENOCH_LINE) == Note.parse(GO_NOTE).signatures
    for wrong in ("", "\n", LINE[:-1], f"{LINE}\n", f"\n{LINE}", f"x{LINE}"):
        with pytest.raises(MalformedError):
            parse_signatures(wrong)


class TestVerifierKeys:
    """Verifier key texts."""

    @pytest.mark.parametrize(
        "text",
        [
            vectors.C2SP_KEY,
            vectors.PETER_KEY,
            vectors.ENOCH_KEY,
            vectors.LIVE_LOG_KEY,
            *vectors.LIVE_WITNESS_KEYS,
            # Its base64 holds a plus.
            "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        ],
    )
    def test_keys_of_other_software_are_read_and_written_the_same(self, text: str) -> None:
        assert VerifierKey.parse(text).encode() == text

    def test_every_part_and_every_changed_character_of_a_key_is_malformed(self) -> None:
        text = vectors.PETER_KEY
        wrong = {text[start:end] for start in range(len(text)) for end in range(start, len(text) + 1)} - {
            text
        }
        wrong |= {
            text[:at] + chr(ord(char) + step) + text[at + 1 :]
            for at, char in enumerate(text)
            for step in (-1, 1)
        }
        for each in wrong:
            with pytest.raises(MalformedError):
                VerifierKey.parse(each)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "PeterNeumann",
            vectors.PETER_KEY.replace("c74f20a3", "C74F20A3"),
            vectors.PETER_KEY.replace("c74f20a3", "00c74f20a3"),
            vectors.PETER_KEY + "\n",
            " " + vectors.PETER_KEY,
            # The same text, with another key's length, or of a kind that is not known, under the right id.
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l"
            "+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=",
            "\ud800+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ],
    )
    def test_what_is_not_a_key_is_malformed(self, text: str) -> None:
        with pytest.raises(MalformedError):
            VerifierKey.parse(text)

    @pytest.mark.parametrize(
        "public", [b"", bytes(31), bytes(33), bytes(32), bytes([1]) + bytes(31), b"\xff" * 32]
    )
    def test_bytes_that_bind_nobody_are_no_key(self, public: bytes) -> None:
        with pytest.raises(MalformedError, match="binds its owner"):
            VerifierKey("name", ED25519, public)

    def test_the_kind_of_a_key_changes_its_id(self) -> None:
        assert (
            VerifierKey("name", ED25519, PETER.public).key_id
            != VerifierKey("name", COSIGNATURE_V1, PETER.public).key_id
        )


def test_a_signer_with_another_key_is_found_out_before_its_signature_is_used() -> None:
    for sign in (vectors.key(9).sign, lambda _: bytes(64), lambda _: b"", lambda _: bytes(65)):
        with pytest.raises(VerificationError):
            sign_text(TEXT, PETER, sign)


def test_keys_of_witnesses_do_not_sign_or_verify_notes() -> None:
    witness = VerifierKey("witness.example", COSIGNATURE_V1, PETER.public)
    with pytest.raises(UsageError):
        sign_text(TEXT, witness, vectors.key(1).sign)
    with pytest.raises(UsageError):
        verify_note(Note.parse(GO_NOTE), [PETER, witness])


@pytest.mark.parametrize("data", [b"", b"a", b"ab", b"abc", bytes(range(256))])
def test_base64_has_one_form_only(data: bytes) -> None:
    text = b64encode(data).decode()
    assert from_base64(text, "it") == data
    for wrong in (f"{text}=", f"{text}\n", f" {text}", f"{text}é", text.rstrip("=") if "=" in text else "A"):
        with pytest.raises(MalformedError, match="it must be canonical base64"):
            from_base64(wrong, "it")
