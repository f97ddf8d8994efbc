"""Who is shown what: keys, secrets wrapped anew, a request and its answer, and an erasure."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import Final

from ledger.client.evidence import fetch
from ledger.client.keeping import claimed_of, drafts, due
from ledger.client.memory import Memory
from ledger.client.recipients import readers_of
from ledger.client.sharing import given, received, secrets_of, share
from ledger.demo.cast import READER, Party
from ledger.demo.speaker import Said, Speaker
from ledger.demo.story import Line
from ledger.domain.concealed import base_category
from ledger.domain.disclosure_record import DISCLOSURE_RECORD, Disclosed
from ledger.domain.encryption_key import ENCRYPTION_KEY
from ledger.domain.erasure import RETENTION
from ledger.domain.errors import CorridorError, VerificationError
from ledger.domain.evidence import EvidenceItem
from ledger.domain.sharing import ACCESS_ANSWER, ACCESS_REQUEST, APPROVED

_GONE: Final = ("erased", "no-secret")
Says = Callable[[Speaker, Party, Line], None]


def _encryption_key(speaker: Speaker, party: Party, line: Line) -> None:
    """Let organisations say for which keys their evidence is wrapped."""
    also = [speaker.stage.parties[name] for name in line.to]
    for one in (party, *also):
        name = speaker.of_itself(one, line, told=False)
        said = Said(ENCRYPTION_KEY, (name,), one.encryption_key.to_json())
        speaker.say(one, line, said, told=one is party)
    if also:
        speaker.stage.say(f"and {len(also)} others; each keeps a second key in escrow, none the operator")


def _share(speaker: Speaker, party: Party, line: Line) -> None:
    """Wrap a party's own secrets anew for others, after a statement that says so."""
    service = speaker.stage.services[party.part.name]
    shared = 0
    for reader in (speaker.stage.parties[name] for name in line.to):
        keys = readers_of(service, Memory(), reader.uri).keys.all
        for subject in line.about:
            uri = speaker.opened[subject].uri
            had = {one.secret.commitment for one in given(service, reader.uri, subject=uri)}
            secrets = [
                one.secret
                for one in received(service, subject=uri)
                if one.giver == party.uri
                and one.secret.commitment not in had
                and (not line.categories or base_category(one.category or "") in line.categories)
            ]

            def record(commitments: Sequence[bytes], to: str = reader.uri, about: str = subject) -> bytes:
                said = Disclosed(to, frozenset(commitments), line.purpose).to_json()
                return speaker.say(party, line, Said(DISCLOSURE_RECORD, (about,), said), told=False)

            share(service, reader.uri, keys, secrets=secrets, identities=[party.identity], record=record)
            shared += len(secrets)
    speaker.show(line.at, party, DISCLOSURE_RECORD, line.title, f"{shared} secrets, wrapped here")


def _ask(speaker: Speaker, party: Party, line: Line) -> None:
    """Ask another party, on record, to be shown something."""
    body = {
        "to": speaker.stage.parties[line.to[0]].uri,
        "about": [speaker.opened[name].uri for name in line.about],
        "categories": list(line.categories),
        "purpose": line.purpose,
    }
    name = speaker.of_itself(party, line, told=False)
    speaker.say(party, line, Said(ACCESS_REQUEST, (name,), body))


def _answer(speaker: Speaker, party: Party, line: Line) -> None:
    """Answer the only open request that a party has received, with as much as the line says."""
    service = speaker.stage.services[party.part.name]
    (asked,) = service.access_requests(role="received", state="open")
    body = {
        "to": asked["by"],
        "answer": APPROVED,
        "categories": list(line.categories),
        "reason": line.purpose,
    }
    speaker.say(party, line, Said(ACCESS_ANSWER, line.about, body))


def _erase(speaker: Speaker, party: Party, line: Line) -> None:
    """Erase what is due of the files of a line, and of the pictures made from them."""
    bag, stage = speaker.evidence, speaker.stage
    wanted = {item.cid for name in line.evidence for item in (bag.items[name], *bag.made.get(name, ()))}
    names = {opened.uri: name for name, opened in speaker.opened.items()}
    claimed = [claimed_of(one) for one in due(stage.services[party.part.name])]
    found = [one for one in claimed if one.item.cid in wanted]
    for draft in drafts(found, RETENTION, None, line.at.isoformat()):
        about = [names[uri] for uri in draft.subjects]
        speaker.say(party, line, Said(draft.kind, about, draft.body))
    stage.ledger.erasures.run()
    left = len(claimed) - len(found)
    stage.say(f"{len(found)} items: the clip and what was made of it; due, and left for now: {left}")
    for name in line.evidence:
        _ask_again(speaker, party, bag.items[name])


def _ask_again(speaker: Speaker, owner: Party, item: EvidenceItem) -> None:
    """Show that nobody gets an erased item any more, whoever had it, and that its owner cannot bring it back.

    Raises:
        VerificationError: Somebody gets it.
    """
    service, reader = speaker.stage.services[READER], speaker.stage.reader
    tries: dict[str, Callable[[], object]] = {
        "its bytes": lambda: fetch(service, item.cid, BytesIO()),
        "its secret": lambda: secrets_of(service, item.commitment, [reader.identity]),
        "its secret, brought again": lambda: speaker.evidence.hand_over(
            speaker.stage.services[owner.part.name], owner, [item]
        ),
    }
    said = []
    for what, attempt in tries.items():
        try:
            attempt()
        except CorridorError as refusal:
            if refusal.code not in _GONE:
                raise
            said.append(f"{what} ({refusal.code})")
        else:
            raise VerificationError("not-erased", f"{what}: {item.cid} is erased and still to be had")
    speaker.stage.say(f"the service is asked again, and refuses: {', '.join(said)}")


SAYS: Final[Mapping[str, Says]] = MappingProxyType(
    {
        "encryption-key": _encryption_key,
        "share": _share,
        "ask": _ask,
        "answer": _answer,
        "erase": _erase,
    }
)
"""What a line does, by its word for it."""
