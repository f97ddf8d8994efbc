"""Content credentials are valid, broken, absent, or absent where they were expected; nothing is fetched."""

import socket
from io import BytesIO
from typing import Any

import pytest

from ledger.readers.formats import c2pa_manifest, picture, video
from ledger.readers.reading import Complaint
from ledger.readers.registry import Expectations
from tests.readers import credentials
from tests.readers.clips import clip
from tests.readers.items import codes, foreign, read

JPEG = "image/jpeg"


def _look(data: bytes, *, c2pa: bool = False, anchors: str = "") -> tuple[dict[str, Any], list[str]]:
    found, wrong = c2pa_manifest.look(BytesIO(data), Expectations(c2pa=c2pa, c2pa_anchors=anchors))
    assert all(isinstance(each, Complaint) for each in wrong)
    return found, [each.code for each in wrong]


def _signed() -> bytes:
    return credentials.signed(credentials.picture(), JPEG, credentials.maker())


def test_a_manifest_that_holds_is_valid_and_its_signer_untrusted_without_an_anchor() -> None:
    found, wrong = _look(_signed())
    assert (found["state"], found["signer"]) == ("valid", "untrusted")
    assert wrong == ["c2pa-signer-untrusted"]
    assert (found["issuer"], found["common_name"]) == ("Cameras Example", "camera")


def test_a_signer_that_leads_to_a_given_anchor_is_trusted_and_one_of_another_maker_is_not() -> None:
    own, other = credentials.maker(), credentials.maker("Forgers Example")
    found, wrong = _look(_signed(), anchors=own.anchor)
    assert (found["state"], found["signer"], wrong) == ("valid", "trusted", [])
    found, wrong = _look(_signed(), anchors=other.anchor)
    assert (found["signer"], wrong) == ("untrusted", ["c2pa-signer-untrusted"])


def test_anchors_that_are_no_certificates_trust_nobody() -> None:
    _, wrong = _look(_signed(), anchors="-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    assert wrong != []


def test_a_changed_picture_breaks_its_manifest() -> None:
    data = bytearray(_signed())
    data[-20] ^= 1
    found, wrong = _look(bytes(data))
    assert (found["state"], wrong) == ("broken", ["c2pa-broken"])


@pytest.mark.parametrize(("expected", "state"), [(False, "absent"), (True, "expected-but-absent")])
def test_a_picture_without_a_manifest_is_complained_of_only_where_one_was_expected(
    expected: bool, state: str
) -> None:
    found, wrong = _look(credentials.picture(), c2pa=expected)
    assert found == {"state": state}
    assert wrong == (["c2pa-expected-but-absent"] if expected else [])


def test_a_manifest_elsewhere_is_not_fetched_and_counts_as_absent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/manifest"
        data = credentials.signed(credentials.picture(), JPEG, credentials.maker(), remote=url)
        assert url.encode() in data
        found, wrong = _look(data, c2pa=True)
        assert found == {"state": "expected-but-absent", "remote": True}
        assert wrong == ["c2pa-expected-but-absent", "c2pa-remote"]
        with pytest.raises(TimeoutError):
            server.accept()


def test_content_decides_what_an_item_is_taken_for() -> None:
    reading = read(picture, _signed(), media_type="video/mp4")
    assert reading.found["c2pa"]["state"] == "valid"
    assert "other-media-type" in codes(reading)


def test_clips_carry_manifests_too() -> None:
    own = credentials.maker()
    data = credentials.signed(clip(), "video/mp4", own)
    expectations = Expectations(c2pa=True, c2pa_anchors=own.anchor)
    whole = read(video, data, expectations=expectations)
    assert (whole.found["c2pa"]["state"], whole.found["c2pa"]["signer"]) == ("valid", "trusted")
    assert whole.outcome == "read"
    at = data.index(b"mdat") + 5000
    broken = read(video, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], expectations=expectations)
    assert "c2pa-broken" in codes(broken)
    stripped = read(video, clip(), expectations=expectations)
    assert codes(stripped) == ["c2pa-expected-but-absent"]


FOREIGN = {
    "CA.jpg": ("valid", ["c2pa-signer-untrusted"]),
    "E-sig-CA.jpg": ("broken", ["c2pa-broken"]),
    "cloud.jpg": ("absent", ["c2pa-remote"]),
    "video1.mp4": ("valid", ["c2pa-signer-untrusted"]),
}


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_pictures_of_another_project_are_judged_as_they_should_be(name: str) -> None:
    state, wrong = FOREIGN[name]
    found, said = _look(foreign(f"c2pa/{name}"))
    assert (found["state"], said) == (state, wrong)
