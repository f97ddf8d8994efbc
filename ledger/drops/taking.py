"""Taking one whole file: understood, sealed, claimed in a signed statement, and noted; or set aside, or left.

(1) digest       a content that was taken is never taken again
(2) understand   its rule, its sidecar, what a reader says, what it is about
(3) seal         the file and what the reader made of it
(4) sign         the claim, and the reading
(5) note         from here on it is taken
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

from ledger.client import durable
from ledger.client.author import Author
from ledger.client.evidence import seal_into
from ledger.client.readings import reading_draft, seal_renditions
from ledger.domain import strict_json
from ledger.domain.errors import CorridorError, MalformedError, PolicyError, UnavailableError
from ledger.domain.evidence import EvidenceItem, Label
from ledger.domain.statement import Draft, Seen, Statement, StatementFile
from ledger.domain.subject import Subject
from ledger.drops.folder import Candidate, ChangedError, Mark, is_plain, opened
from ledger.drops.journal import OWN_TROUBLE, Journal, Taken, writing
from ledger.drops.own_key import OwnKey
from ledger.drops.own_secrets import OwnSecrets
from ledger.drops.said import Said
from ledger.drops.settings import SIDECAR, DropConfig, Rule
from ledger.drops.sidecar import MAX_SIDECAR, Sidecar, Target, read_trips
from ledger.drops.subjects import Clues, expected_container, sidecar_problem, target_of
from ledger.evidence.sealing import SealedItem, wrap_secret
from ledger.readers.claims import OTHER_MEDIA_TYPE
from ledger.readers.reading import Reading
from ledger.readers.registry import Expectations
from ledger.storage.faults import Fault, no_fault

Read = Callable[[BinaryIO, Label, Expectations], Reading]
"""Reads a file: given its label, and what it should be like."""
What = Literal["taken", "waits", "aside", "known", "on-record"]

ITEM_END: Final = ".item.json"
WRAPPED_END: Final = ".secret.age"
"""What follows a CID in the names of what stays of an item, as `corridor evidence` calls them."""
NOT_UNDERSTOOD: Final = "not-understood"
_CHUNK: Final = 1_048_576
_KEPT_MARKS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file that was looked at.

    Args:
        what: `taken` now; `waits` for something; `aside`: to be set aside; `known`: taken before and not on
            record yet; `on-record`: to be moved away.
        why: Of one that waits or is to be set aside.
        sidecar: What lies beside it.
    """

    what: What
    why: CorridorError | None = None
    sidecar: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to take files.

    Args:
        config: Of the drop.
        author: Signs.
        own: The drop's own key.
        held: Gives the newest checkpoint held.
        read: Reads files; None where no reader is installed.
        fault: Lets a test fail or end a step: `take.sealed`, `take.wrapped`, `take.signed`, `take.noted`.
    """

    config: DropConfig
    author: Author
    own: OwnKey
    held: Callable[[], Seen]
    read: Read | None = None
    fault: Fault = no_fault

    @property
    def sealed(self) -> Path:
        """Folder of sealed bytes that wait for the ledger."""
        return self.config.state / "sealed"

    @property
    def secrets(self) -> Path:
        """Folder of the items' secrets, wrapped for the recipients."""
        return self.config.state / "secrets"

    @property
    def own_secrets(self) -> OwnSecrets:
        """The items' secrets that wait to be left with the ledger."""
        return OwnSecrets(self.config.state / "own", self.own)

    def forget(self, cid: str) -> None:
        """Remove all that is kept of an item.

        Raises:
            OSError: The folders cannot be written.
        """
        self.own_secrets.remove(cid)
        for end in (WRAPPED_END, ITEM_END):
            (self.secrets / f"{cid}{end}").unlink(missing_ok=True)
        (self.sealed / cid).unlink(missing_ok=True)

    @property
    def journal(self) -> Journal:
        """What was taken."""
        return Journal(self.config.state / "journal", self.own.digest_key)


@dataclass
class Taker:
    """Takes files, one after the other.

    Args:
        desk: What it takes.
        digests: Of files by their marks, so that what waits is not read again and again.
        unnoted: CIDs of what was sealed and is in no note yet.
    """

    desk: Desk
    digests: dict[Mark, str] = field(default_factory=dict)
    unnoted: list[str] = field(default_factory=list)

    def take(
        self, candidate: Candidate, beside: Mapping[str, Candidate], rests: Callable[[str], bool]
    ) -> Outcome:
        """Take a whole file, or tell why not.

        Args:
            candidate: The file.
            beside: All files in the folder by name.
            rests: Tells of a file by name whether it is whole, too.

        Raises:
            ChangedError: It changed meanwhile; it is looked at again later.
            UnavailableError: The drop's own folder cannot be written.
            OSError: The file cannot be read.
        """
        sidecar = beside.get(f"{candidate.name}{SIDECAR}")
        try:
            if sidecar is not None and not rests(sidecar.name):
                raise UnavailableError("sidecar", "its sidecar is still being written")
            return Outcome(self._take(candidate, sidecar), sidecar=sidecar)
        except UnavailableError as error:
            if error.code in OWN_TROUBLE:
                raise
            return Outcome("waits", error, sidecar)
        except (PolicyError, MalformedError) as error:
            return Outcome("aside", error, sidecar)
        finally:
            self._forget_unnoted()

    def _forget_unnoted(self) -> None:
        # What cannot be removed now is at the next start.
        with suppress(OSError, UnavailableError):
            for cid in self.unnoted:
                self.desk.forget(cid)
        self.unnoted.clear()

    def _take(self, candidate: Candidate, beside: Candidate | None) -> What:
        config, desk = self.desk.config, self.desk
        rule = _fitting(config, candidate)
        with opened(config.folder, candidate) as file:
            digest = self._digest(candidate, file)
            known = desk.journal.find(digest)
            sidecar = None if beside is None else self._sidecar(beside)
            if known is not None:
                return self._again(known, candidate, Clues(rule, candidate.name, sidecar, {}))
            if sidecar is None and rule.sources == ("sidecar",) and config.subject is None:
                message = f"it waits for its sidecar {candidate.name}{SIDECAR}"
                raise UnavailableError("no-sidecar", message)
            unread = Clues(rule, candidate.name, sidecar, {})
            reading = self._read(file, rule, expected_container(config, unread))
            found = reading.found if reading is not None else {}
            clues = Clues(rule, candidate.name, sidecar, found)
            target = target_of(config, clues, self._trips)
            file.seek(0)
            original = self._seal(self._pieces(file, digest), rule.label)
        # Beyond the block, it is known that the file was one and the same all along.
        made = [] if reading is None else seal_renditions(reading, rule.label.category, self._seal)
        self.desk.fault("take.wrapped")
        claim = self._claim(candidate.mark.mtime, clues, target, original.item)
        signed = Statement.parse(claim.statement)
        note = Taken(
            digest=digest,
            name=candidate.name if is_plain(candidate.name) else "_",
            subject=target.subject,
            item=original.item,
            file=claim,
            id=signed.id,
            taken_at=desk.author.clock(),
        )
        if reading is not None:
            items = [one.item for one in made]
            draft = reading_draft(
                reading, original.item, signed.id, ([target.subject], [target.stream]), items
            )
            said = self._signed(draft)
            kept = Said(said, reading.fingerprints).encode()
            note = note.with_reading(desk.own.seal(kept), [one.cid for one in items])
        desk.fault("take.signed")
        # Beyond this, a note may be there even when it seems that it could not be written.
        self.unnoted.clear()
        desk.journal.put(note)
        desk.fault("take.noted")
        return "taken"

    def _digest(self, candidate: Candidate, file: BinaryIO) -> str:
        digest = self.digests.get(candidate.mark)
        if digest is None:
            digest = self.desk.journal.digest_of(file)
            if len(self.digests) >= _KEPT_MARKS:
                self.digests.clear()
            self.digests[candidate.mark] = digest
        return digest

    def _again(self, known: tuple[Taken, bool], candidate: Candidate, clues: Clues) -> What:
        """Tell what to do with a content that was taken before."""
        taken, is_done = known
        if candidate.name != taken.name:
            try:
                target = target_of(self.desk.config, clues, self._trips).subject
            except CorridorError:
                # Nothing new is said of it: it is the same file once more.
                target = taken.subject
            if target != taken.subject:
                raise PolicyError(
                    "same-content",
                    f"the same bytes were taken as {taken.name} for {taken.subject}: no recording is of two "
                    "trips; find out which one it is of",
                )
        return "on-record" if is_done else "known"

    def _sidecar(self, candidate: Candidate) -> Sidecar:
        try:
            if candidate.mark.size > MAX_SIDECAR:
                raise MalformedError("too-large", f"it has over {MAX_SIDECAR} bytes")
            with opened(self.desk.config.folder, candidate) as file:
                return Sidecar.parse(file.read(MAX_SIDECAR + 1))
        except MalformedError as error:
            raise sidecar_problem(error) from None

    def _trips(self) -> Mapping[str, Target]:
        trips = self.desk.config.trips
        if trips is None:
            return {}
        try:
            return read_trips(trips)
        except CorridorError as error:
            raise UnavailableError("trips", f"the trips {trips} cannot be used: {error.message}") from None

    def _read(self, file: BinaryIO, rule: Rule, container: str | None) -> Reading | None:
        if rule.read == "no" or self.desk.read is None:
            return None
        expectations = Expectations(rule.expects_c2pa, container, rule.anchors)
        reading = self.desk.read(file, rule.label, expectations)
        codes = {one.code for one in reading.complaints}
        if rule.read == "required" and reading.outcome == NOT_UNDERSTOOD and NOT_UNDERSTOOD in codes:
            raise PolicyError(
                NOT_UNDERSTOOD,
                "no reader knows this format; look at it, and where it is what it should be, set "
                f'read = "if-possible" for {rule.pattern} and retry it',
            )
        if rule.read == "required" and OTHER_MEDIA_TYPE in codes:
            raise PolicyError(
                OTHER_MEDIA_TYPE,
                f"it is {reading.format or 'something else'}, not the {rule.label.media_type} that the rule "
                f"for {rule.pattern} says; look at it, and where the rule is wrong, correct it and retry",
            )
        return reading

    def _pieces(self, file: BinaryIO, digest: str) -> Iterator[bytes]:
        running = self.desk.journal.digesting()
        while piece := file.read(_CHUNK):
            running.update(piece)
            yield piece
        if running.hexdigest() != digest:
            raise ChangedError

    def _seal(self, pieces: Iterable[bytes], label: Label) -> SealedItem:
        desk = self.desk
        with writing(desk.config.state):
            sealed = seal_into(desk.sealed, pieces, label)
            self.unnoted.append(sealed.item.cid)
            desk.fault("take.sealed")
            wrapped = wrap_secret(sealed.secret, desk.config.recipients)
            item = strict_json.dumps(sealed.item.to_json())
            durable.put(desk.secrets / f"{sealed.item.cid}{ITEM_END}", item)
            durable.put(desk.secrets / f"{sealed.item.cid}{WRAPPED_END}", wrapped)
            desk.own_secrets.put(sealed)
        return sealed

    def _claim(self, written_ns: int, clues: Clues, target: Target, item: EvidenceItem) -> StatementFile:
        config, subject = self.desk.config, Subject.parse(target.subject)
        written = datetime.fromtimestamp(written_ns // 10**9, UTC)
        said = clues.sidecar or Sidecar()
        place = said.place or config.place
        body: dict[str, object] = {"occurred_at": said.occurred_at or f"{written:%Y-%m-%dT%H:%M:%SZ}"}
        if config.clock_offset_s is not None and said.occurred_at is None:
            body["clock_offset_s"] = config.clock_offset_s
        if place is not None:
            body["place"] = place
        if subject.type == "trip":
            body["container"] = subject.key
        draft = Draft(
            clues.rule.kind, [target.subject], [target.stream], body | {"evidence": [item.to_json()]}
        )
        return self._signed(draft)

    def _signed(self, draft: Draft) -> StatementFile:
        return self.desk.author.sign(draft, self.desk.held())


def _fitting(config: DropConfig, candidate: Candidate) -> Rule:
    """Return the rule for a file, or say why it cannot be taken."""
    if not is_plain(candidate.name):
        raise PolicyError(
            "bad-name", "its name holds characters that no name should; retry gives it a plain one"
        )
    rule = config.rule_for(candidate.name)
    if rule is None:
        raise PolicyError("no-rule", "no rule of the settings says what files of this name are; add one")
    if candidate.mark.size == 0:
        raise PolicyError("empty", "it is empty: there is nothing in it to give evidence")
    if candidate.mark.size > rule.max_bytes:
        raise PolicyError("too-large", f"it has {candidate.mark.size} bytes, over {rule.max_bytes}")
    return rule
