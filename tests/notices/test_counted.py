"""Webhooks in the operator's numbers."""

from pathlib import Path
from typing import Any

from ledger.storage.engine import write_transaction
from ledger.storage.notice_tables import notice_deliveries
from tests.builders import NOON
from tests.chain.chains import Hands
from tests.integration.stage import a_ledger


def test_webhooks_that_wait_and_those_that_were_given_up_are_counted(tmp_path: Path) -> None:
    row: dict[str, Any] = {"subscription": "0" * 32, "kind": "ready", "happened_at": 0, "attempts": 0}
    with a_ledger(tmp_path, Hands(NOON)) as ledger:
        with write_transaction(ledger.store.engine) as connection:
            for number, state in enumerate(("pending", "dead", "dead", "delivered")):
                own = {"id": f"{number:032x}", "seq": number, "state": state}
                more = {"next_at": 0, "claimed_until": 0}
                connection.execute(notice_deliveries.insert(), row | own | more)
        counted = {name: ledger.gauges[name][1]() for name in ("webhooks_waiting", "webhooks_dead")}
    assert counted == {"webhooks_waiting": 1, "webhooks_dead": 2}
