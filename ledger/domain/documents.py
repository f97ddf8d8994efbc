"""Which papers a statement brings: the member `documents` of its body (formats, section 5)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError

DOCUMENTS: Final = "documents"
MAX_DOCUMENTS: Final = 32

_CODE = re.compile(r"[a-z][a-z0-9-]{0,63}")


def read_documents(value: object, where: str) -> tuple[str, ...]:
    """Read the member `documents` of a body.

    Args:
        value: 1 to 32 codes such as `commercial-invoice`, none twice.
        where: What to call it in a complaint.

    Raises:
        MalformedError: Anything else.
    """
    listed = fields.array(value, where)
    if not 1 <= len(listed) <= MAX_DOCUMENTS:
        message = f"{where} must be 1 to {MAX_DOCUMENTS} codes of papers"
        raise MalformedError("malformed-field", message, field=where)
    for place, code in enumerate(listed):
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            path = f"{where}.{place}"
            message = (
                f"{path} must be the code of a paper, such as commercial-invoice: 1 to 64 characters "
                "a-z 0-9 -, a letter first"
            )
            raise MalformedError("malformed-field", message, field=path)
    if len(set(listed)) != len(listed):
        raise MalformedError("malformed-field", f"{where} must name none twice", field=where)
    return tuple(listed)


def documents_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes of the papers that a body brings; what is malformed counts as not said."""
    try:
        return read_documents(body[DOCUMENTS], DOCUMENTS)
    except (KeyError, MalformedError):
        return ()
