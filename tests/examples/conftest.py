"""A log in operation, and an exporter that comes with a program of its own."""

import json
import time
from collections.abc import Iterator

import pytest

from ledger.domain.cose import CoseKey
from ledger.founding import Governance
from tests.builders import EXPORTER
from tests.chain.chains import Hands
from tests.examples.outsider import Outsider, client
from tests.integration.stage import FOUNDERS, a_stage, an_organisation, enrol


@pytest.fixture(scope="module")
def outsider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outsider]:
    """An exporter whose key is one that the client made, and which opened a trip with it."""
    folder = tmp_path_factory.mktemp("outsider")
    with a_stage(folder / "ledger", clock=Hands(int(time.time()))) as stage:
        enrol(stage.ledger)
        one = Outsider(folder, stage)
        made = client("key", one.path("port.pem"))
        key = CoseKey.parse(bytes.fromhex(made.value("cose_key")))
        governance = Governance(stage.ledger.client, stage.ledger.contracts, FOUNDERS)
        governance.add_key(an_organisation(EXPORTER), key)
        stage.ledger.mirror.refresh()
        one.path("genesis.json").write_bytes(stage.ledger.genesis.document)
        body = {"place": "GTPBR", "weight_kg": 18_400, "remarks": "escaneado en el portón 3"}
        one.path("body.json").write_text(json.dumps(body))
        opening = ("trip", "MSKU1234565", "--secret", one.path("trip.secret"), "--out", one.path("opened"))
        one.did("open", *opening)
        yield one
