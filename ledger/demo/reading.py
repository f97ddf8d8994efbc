"""Readings: whoever has an item reads it in isolation, and signs what was found as a statement of its own."""

from collections.abc import Iterable
from io import BytesIO

from ledger.client.readings import READING, offer_fingerprints, reading_body, seal_renditions
from ledger.demo.cast import Party
from ledger.demo.speaker import Said, Speaker
from ledger.demo.story import Line
from ledger.domain.evidence import Label
from ledger.evidence.sealing import SealedItem
from ledger.readers.run import Readers


def read(readers: Readers, speaker: Speaker, party: Party, line: Line) -> None:
    """Read the files of a line, sign a reading of each, seal its renditions and offer its fingerprints.

    Args:
        readers: Read in isolation.
        speaker: Says what was found.
        party: Whose files they are, and who runs the reader.
        line: Names the files, and refers to the statement that claims them.
    """
    bag, service = speaker.evidence, speaker.stage.services[party.part.name]

    def seal(pieces: Iterable[bytes], label: Label) -> SealedItem:
        return bag.take(party, pieces, label)

    for name in line.evidence:
        file, item = bag.files[name], bag.items[name]
        reading = readers.read(BytesIO(file.data), media_type=file.media_type, category=file.category)
        made = tuple(one.item for one in seal_renditions(reading, file.category, seal))
        if made:
            speaker.bring(party, made)
        bag.made[name] = made
        body = reading_body(reading, item, made)
        told = line.model_copy(
            update={"title": line.title.format(name=name, outcome=reading.outcome, made=len(made))}
        )
        speaker.say(party, told, Said(READING, line.about, body))
        for alarm in offer_fingerprints(
            service, item.cid, speaker.opened[line.about[0]].uri, reading.fingerprints
        ):
            other = alarm.get("other") or "not its own to see"
            speaker.stage.say(f"alarm {alarm.get('id')}: alike content is of another trip ({other})")
