"""Notices on a database of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notices.desk import Desk, a_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Notices, whose receivers may be on this machine."""
    desk = a_desk(tmp_path)
    yield desk
    desk.notices.close()
    desk.engine.dispose()
