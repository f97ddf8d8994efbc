"""Keystores of EVM accounts: other wallets read ours, we read theirs."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from ledger.domain.errors import ConflictError, CorridorError, MalformedError, UsageError
from ledger.keys import secret_file
from ledger.keys.evm import open_account, save_account

CHEAP = 2
# Test vectors of the Web3 Secret Storage definition (ethereum.org); the password is "testpassword".
VECTORS: dict[str, dict[str, Any]] = {
    "scrypt": {
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
            "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
            "kdf": "scrypt",
            "kdfparams": {
                "dklen": 32,
                "n": 262144,
                "p": 8,
                "r": 1,
                "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
            },
            "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
        },
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
        "version": 3,
    },
    "pbkdf2": {
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
            "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
            "kdf": "pbkdf2",
            "kdfparams": {
                "c": 262144,
                "dklen": 32,
                "prf": "hmac-sha256",
                "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
            },
            "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
        },
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
        "version": 3,
    },
}
VECTOR_KEY = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"


def put(path: Path, keystore: object) -> Path:
    secret_file.write_new(path, json.dumps(keystore).encode())
    return path


def test_comes_back(tmp_path: Path) -> None:
    account = Account.create()
    path = tmp_path / "operator.json"
    save_account(path, "secret", account, scrypt_cost=CHEAP)
    assert open_account(path, "secret").address == account.address
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConflictError):
        save_account(path, "secret", account, scrypt_cost=CHEAP)


@pytest.mark.parametrize("name", VECTORS)
def test_reads_the_vectors_of_the_definition(tmp_path: Path, name: str) -> None:
    account = open_account(put(tmp_path / "key.json", VECTORS[name]), "testpassword")
    assert account.key.hex().removeprefix("0x") == VECTOR_KEY


def changed(**crypto: Any) -> dict[str, Any]:
    keystore: dict[str, Any] = Account.encrypt(bytes(31) + b"\x01", "secret", kdf="scrypt", iterations=CHEAP)
    keystore["crypto"] |= crypto
    return keystore


BAD: dict[str, Any] = {
    "no object": [],
    "another version": changed() | {"version": 1},
    "no crypto": {"version": 3},
    "crypto a text": {"version": 3, "crypto": "x"},
    "no parameters": changed(kdfparams=None),
    "cost beyond reason": changed(kdfparams={"n": 2**40, "r": 8, "p": 1, "dklen": 32, "salt": "00"}),
    "cost negative": changed(kdfparams={"n": -1, "r": 8, "p": 1, "dklen": 32, "salt": "00"}),
    "rounds beyond reason": changed(
        kdf="pbkdf2", kdfparams={"c": 10**12, "prf": "hmac-sha256", "dklen": 32, "salt": "00"}
    ),
    "unknown key derivation": changed(kdf="md5"),
    "no mac": {k: v for k, v in changed().items() if k != "crypto"}
    | {"crypto": {"kdf": "scrypt", "kdfparams": {"n": 2}}},
    "mac not hexadecimal": changed(mac="x"),
    "ciphertext a number": changed(ciphertext=1),
}


@pytest.mark.parametrize("keystore", BAD.values(), ids=BAD)
def test_refuses(tmp_path: Path, keystore: object) -> None:
    with pytest.raises(CorridorError) as caught:
        open_account(put(tmp_path / "key.json", keystore), "secret")
    assert caught.value.code == "key-file-malformed"


def test_a_file_cut_off_is_told_from_a_wrong_passphrase(tmp_path: Path) -> None:
    path = put(tmp_path / "key.json", changed())
    with pytest.raises(UsageError) as caught:
        open_account(path, "wrong")
    assert caught.value.code == "wrong-passphrase"
    short = tmp_path / "short.json"
    secret_file.write_new(short, path.read_bytes()[:-20])
    with pytest.raises(MalformedError):
        open_account(short, "secret")


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        save_account(tmp_path / "key.json", "", Account.create())
    with pytest.raises(UsageError):
        open_account(put(tmp_path / "key.json", changed()), "")
