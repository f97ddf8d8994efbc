"""A small corridor as text, for tests to change."""

from ledger.corridors.profile import Profile

CORRIDOR = """
[corridor]
id = "test-corridor"
version = 1
title = "Test"

[roles]
exporter = { title = "Exporter" }
carrier = { title = "Carrier" }
origin-port = { title = "Port" }
destination-customs = { title = "Customs" }

[kinds.document]
roles = ["exporter", "carrier"]

[kinds.stuffing]
roles = ["exporter"]

[kinds.scan]
roles = ["origin-port"]

[kinds.seal-check]
roles = ["origin-port", "carrier"]

[kinds.temperature-log]
roles = ["carrier"]

[kinds.departure]
roles = ["carrier"]

[kinds.arrival]
roles = ["carrier"]

[kinds.decision]
roles = ["destination-customs"]

[categories.paper]
title = "Papers"
retention_days = 30

[sharing]
destination-customs = ["*"]

[route]
origins = ["GTPBR"]
destinations = ["USILG"]
parties = ["exporter", "carrier", "origin-port"]
promise_hours = 48
promise = { latest = ["arrival - 48 h", "departure"] }
arrival = "arrival"
times = ["witnesses", "tsa"]

[places.GTPBR]
title = "Puerto Barrios"
country = "GT"
latitude = 15.73
longitude = -88.6

[places.USILG]
title = "Wilmington"
country = "US"
latitude = 39.72
longitude = -75.53

[milestones.stuffing]
title = { en = "stuffing", es = "llenado", fr = "empotage" }
kinds = ["stuffing"]
sources = ["exporter"]

[milestones.departure]
title = { en = "departure", es = "zarpe", fr = "départ" }
kinds = ["departure"]
places = ["GTPBR"]
sources = ["carrier"]

[milestones.arrival]
title = { en = "arrival", es = "llegada", fr = "arrivée" }
kinds = ["arrival"]
places = ["USILG"]
sources = ["carrier"]

[legs.port]
title = { en = "port", es = "puerto", fr = "port" }
from = "stuffing"
to = "departure"
mode = "yard"
least_hours = 6
most_hours = 120

[legs.voyage]
title = { en = "voyage", es = "travesía", fr = "traversée" }
from = "departure"
to = "arrival"
mode = "sea"
km = 3250
least_hours = 60
most_hours = 200
most_km_off = 500

[required.invoice]
title = { en = "invoice", es = "factura", fr = "facture" }
kind = "document"
documents = ["commercial-invoice"]
owed_by = ["exporter"]
leg = "port"
due = "departure - 24 h"

[required.scan]
title = { en = "scan", es = "imagen", fr = "image" }
kind = "scan"
owed_by = ["origin-port"]
leg = "port"
per = "trip"
due = "departure"
when = { destinations = ["US"], hs = ["0804"], voyage_over_hours = 48 }

[required.stow-plan]
title = { en = "stow plan", es = "plano de estiba", fr = "plan d'arrimage" }
kind = "document"
documents = ["stow-plan"]
owed_by = ["carrier"]
leg = "voyage"
due = { earliest = ["departure + 48 h", "arrival"] }
until = "arrival - 24 h"
origin = false

[tolerances]
packages = 1
gross_percent = 0.5
hs_digits = 6

[reefer]
low_c = 7
high_c = 10.5
most_minutes = 120

[speeds]
road = 120
sea = 60

[alarms]
answer_hours = 24

[before]
seal_check = ["departure"]
machinery_check = ["departure"]
"""


def changed(*changes: tuple[str, str]) -> str:
    """Return the text with parts of it replaced, each of which is there once."""
    text = CORRIDOR
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def profile(*changes: tuple[str, str]) -> Profile:
    """Return the corridor with parts of it replaced."""
    return Profile.parse(changed(*changes).encode())
