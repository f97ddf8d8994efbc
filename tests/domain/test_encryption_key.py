"""What an organisation may say of its encryption keys: typos and secrets are no recipients."""

from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.encryption_key import EncryptionKey, checked_recipient
from ledger.domain.errors import MalformedError

KEYS = [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(13)]
IDENTITY = str(pyrage.x25519.Identity.generate())
BAD: dict[str, Any] = {
    "no object": [],
    "no recipients": {},
    "none at all": {"recipients": []},
    "more than eight": {"recipients": KEYS[:9]},
    "more than four in escrow": {"recipients": KEYS[:1], "escrow": KEYS[1:6]},
    "an empty escrow": {"recipients": KEYS[:1], "escrow": []},
    "one twice": {"recipients": KEYS[:1] * 2},
    "one in escrow, too": {"recipients": KEYS[:2], "escrow": KEYS[1:2]},
    "an identity, which is a secret": {"recipients": [IDENTITY]},
    "an SSH key": {"recipients": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA"]},
    "capitals": {"recipients": [KEYS[0].upper()]},
    "a number": {"recipients": [7]},
    "a member too many": {"recipients": KEYS[:1], "name": "x"},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_refuses_and_repeats_no_secret(body: Any) -> None:
    with pytest.raises(MalformedError) as caught:
        EncryptionKey.parse(body)
    assert caught.value.field
    assert IDENTITY not in caught.value.message


def test_what_is_said_reads_back() -> None:
    said = EncryptionKey(tuple(KEYS[:8]), tuple(KEYS[8:12]))
    assert EncryptionKey.parse(said.to_json()) == said
    assert said.all == tuple(KEYS[:12])
    assert EncryptionKey.parse({"recipients": KEYS[:1]}).to_json() == {"recipients": KEYS[:1]}


@given(st.sampled_from(KEYS), st.integers(4, 61), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_one_wrong_character_is_found(key: str, place: int, letter: str) -> None:
    changed = key[:place] + letter + key[place + 1 :]
    if changed == key:
        assert checked_recipient(key, "it") == key
    else:
        with pytest.raises(MalformedError):
            checked_recipient(changed, "it")
