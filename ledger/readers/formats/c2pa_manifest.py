"""Content credentials (C2PA): is there a manifest in a picture or clip, does it hold, and who signed it?

Content decides what an item is taken for. Nothing is fetched: a manifest that lies elsewhere counts as
absent. A manifest that holds proves that nothing was changed since it was signed; by whom is known only where
the signer's certificate leads to a trust anchor that was given: anybody can make one of his own.
"""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from ledger.readers.reading import Complaint
from ledger.readers.registry import Expectations

_HEADS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"II*\0", "image/tiff"))
_UNTRUSTED = "signingCredential.untrusted"
_MARK = b"jumdc2pa"
"""Begins the description of every manifest store: box type and first bytes of its UUID (C2PA 2.1, 11.1)."""
_CHUNK = 1 << 20
_MAX_TEXT = 200
_MAX_CODES = 20


def prepare() -> None:
    """Load the library, and all that reading a first item loads."""
    from io import BytesIO

    look(BytesIO(b"\xff\xd8\xff\xd9"), Expectations())


def look(source: BinaryIO, expectations: Expectations) -> tuple[dict[str, Any], tuple[Complaint, ...]]:
    """Return what is found of a manifest, and what is wrong with it.

    Args:
        source: JPEG, PNG, TIFF, MP4 or QuickTime; is left anywhere.
        expectations: Whether a manifest should be there, and whose signature is trusted.

    Returns:
        `state` `valid`, `broken`, `absent` or `expected-but-absent`, with `signer` `trusted` or `untrusted`
        where it is valid, and what the manifest says of itself.
    """
    source.seek(0)
    try:
        report = _report(source, _kind(source.read(16)), expectations.c2pa_anchors)
    except _RemoteError:
        return _absent(expectations, remote=True)
    except _BrokenError:
        # The library gives up on files that are odd in other ways, too.
        return ({"state": "broken"}, (_BROKEN,)) if _marked(source) else _absent(expectations, remote=False)
    if report is None:
        return _absent(expectations, remote=False)
    return _judged(report)


_BROKEN = Complaint("c2pa-broken", "the C2PA manifest does not hold: the item or the manifest was changed")
_NOT_TRUSTED = Complaint(
    "c2pa-signer-untrusted",
    "nobody vouches for the signer of the C2PA manifest: anybody can make such a signature",
)
_MISSING = Complaint(
    "c2pa-expected-but-absent", "a C2PA manifest was expected, and there is none: it may have been cut out"
)
_ELSEWHERE = Complaint(
    "c2pa-remote", "the C2PA manifest lies on a server elsewhere and was not fetched; it counts as absent"
)


class _BrokenError(Exception):
    """There is a manifest that cannot even be read."""


class _RemoteError(Exception):
    """The manifest lies elsewhere."""


def _kind(head: bytes) -> str:
    if head[8:12] == b"qt  " and head[4:8] == b"ftyp":
        return "video/quicktime"
    return next((kind for magic, kind in _HEADS if head.startswith(magic)), "video/mp4")


def _report(source: BinaryIO, kind: str, anchors: str) -> dict[str, Any] | None:
    """Return what the library says of an item, None where there is no manifest."""
    from c2pa import C2paError, Context, Reader, Settings

    verify = {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}
    trust = {"user_anchors": anchors} if anchors else {}
    source.seek(0)
    try:
        with (
            Settings.from_dict({"verify": verify, "trust": trust}) as settings,
            Context(settings) as context,
        ):
            reader = Reader.try_create(kind, source, None, context)
            if reader is None:
                return None
            with reader:
                report: dict[str, Any] = json.loads(reader.json())
                return report
    except C2paError as error:
        if str(error).startswith("Remote"):
            raise _RemoteError from None
        raise _BrokenError from None
    except ValueError:
        raise _BrokenError from None


def _marked(source: BinaryIO) -> bool:
    """Return whether a manifest store stands anywhere in an item."""
    source.seek(0)
    tail = b""
    while chunk := source.read(_CHUNK):
        if _MARK in tail + chunk:
            return True
        tail = chunk[-len(_MARK) :]
    return False


def _absent(expectations: Expectations, *, remote: bool) -> tuple[dict[str, Any], tuple[Complaint, ...]]:
    state = "expected-but-absent" if expectations.c2pa else "absent"
    found = {"state": state, **({"remote": True} if remote else {})}
    return found, ((_MISSING,) if expectations.c2pa else ()) + ((_ELSEWHERE,) if remote else ())


def _judged(report: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Complaint, ...]]:
    manifest = report.get("manifests", {}).get(report.get("active_manifest"), {})
    codes = [str(each.get("code", ""))[:_MAX_TEXT] for each in report.get("validation_status") or []]
    signature = manifest.get("signature_info") or {}
    found: dict[str, Any] = {
        "claim_generator": _text(manifest.get("claim_generator")),
        "title": _text(manifest.get("title")),
        "issuer": _text(signature.get("issuer")),
        "common_name": _text(signature.get("common_name")),
        "signed_at": _text(signature.get("time")),
        "assertions": [_text(each.get("label")) for each in manifest.get("assertions") or []][:_MAX_CODES],
        "ingredients": len(manifest.get("ingredients") or []),
        "failures": codes[:_MAX_CODES],
    }
    found = {name: value for name, value in found.items() if value not in (None, [], 0)}
    if report.get("validation_state") not in {"Valid", "Trusted"}:
        return {"state": "broken", **found}, (_BROKEN,)
    trusted = report.get("validation_state") == "Trusted" and _UNTRUSTED not in codes
    found = {"state": "valid", "signer": "trusted" if trusted else "untrusted", **found}
    return found, () if trusted else (_NOT_TRUSTED,)


def _text(value: object) -> str | None:
    return value[:_MAX_TEXT] if isinstance(value, str) and value else None
