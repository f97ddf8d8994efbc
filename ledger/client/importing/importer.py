"""Putting shipments on record line by line: what is signed is kept, then sent, and never signed twice."""

import mimetypes
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger.client.evidence import pieces_of, seal_into
from ledger.client.evidence import send as send_sealed
from ledger.client.importing.journal import SEALED, Journal, Opened, Sealed
from ledger.client.importing.outcome import Outcome, State
from ledger.client.importing.plan import Step, check_kinds, steps_of
from ledger.client.importing.shipments import PaperFile, Shipment
from ledger.client.importing.speaker import Ended, Speaker, is_of_all_lines
from ledger.client.service import Service
from ledger.client.sharing import hand_over
from ledger.domain import fields
from ledger.domain.clock import Clock, system_clock
from ledger.domain.errors import (
    ConflictError,
    CorridorError,
    PolicyError,
    UnavailableError,
)
from ledger.domain.evidence import Label
from ledger.domain.links import STUFFED_IN
from ledger.domain.statement import Draft, StatementFile
from ledger.domain.subject import SECRET_SIZE, SUBJECT_OPENED, Subject, stream_tag
from ledger.domain.wrapped import WrappedSecret
from ledger.evidence.sealing import wrap_secret

KeepSecret = Callable[[str, bytes], None]
"""Keeps the secret of a subject's custody stream, by its URI, before the subject is opened."""

ON_RECORD: Final = "on-record"
_CORRECTION: Final = "correction-note"


@dataclass(frozen=True)
class Importer:
    """Puts shipments on record.

    Args:
        speaker: Puts statements on record.
        readers: age recipients of the organisation's own, for whom secrets of files are wrapped and kept.
        kinds: Of statements that the organisation may say.
        keep_secret: Keeps secrets of streams.
        clock: Dates what is noted.
    """

    speaker: Speaker
    readers: Sequence[str]
    kinds: Collection[str]
    keep_secret: KeepSecret
    clock: Clock = system_clock

    @property
    def journal(self) -> Journal:
        """Of what was imported before."""
        return self.speaker.journal

    @property
    def service(self) -> Service:
        """The ledger."""
        return self.speaker.service

    def take(self, line: str, shipment: Shipment) -> Outcome:
        """Put a shipment on record, or go on with it where an earlier run stopped.

        Args:
            line: Its number or name, for the report.
            shipment: The shipment.

        Raises:
            Ended: The ledger cannot be reached, or would refuse every line.
            UnavailableError: The journal cannot be written, or the disk is full.
        """
        try:
            digest = self._digest(shipment)
            repeated = self._repeated(line, shipment, digest)
            if repeated is not None:
                return repeated
            subjects = self._import(shipment)
        except OSError as error:
            path = str(error.filename)
            failed = UnavailableError("cannot-read", f"{path}: {error.strerror or error}")
            if path not in {str(one.path) for one in shipment.files}:
                raise failed from None
            return Outcome.refused(line, failed, shipment.name)
        except CorridorError as error:
            if error.code == ON_RECORD:
                return Outcome(line, State.DUPLICATE, shipment.name, (), error.code, error.message)
            if is_of_all_lines(error):
                raise Ended(error) from None
            return Outcome.refused(line, error, shipment.name)
        self.journal.finish(shipment.name, digest, subjects, self.clock())
        return Outcome(line, State.ACCEPTED, shipment.name, tuple(subjects))

    def _digest(self, shipment: Shipment) -> bytes:
        files = [[one.document, self.journal.digest_of_file(one.path).hex()] for one in shipment.files]
        return self.journal.digest([shipment.to_json(), files])

    def _repeated(self, line: str, shipment: Shipment, digest: bytes) -> Outcome | None:
        done = self.journal.line(shipment.name)
        if done is None:
            return None
        if done.digest != digest:
            raise ConflictError(
                "line-changed",
                "this was imported before and said something else then; what is on record is put right by a "
                "correction: corridor statement say … --corrects ID",
            )
        message = "it was imported before"
        return Outcome(line, State.DUPLICATE, shipment.name, done.subjects, "imported-before", message)

    def _import(self, shipment: Shipment) -> list[str]:
        """Put all of it on record, and return the URIs of its subjects."""
        check_kinds(shipment, self.kinds)
        if shipment.files and not self.readers:
            raise PolicyError(
                "no-encryption-key",
                "its files are to be sealed for your own organisation, which has not said for which keys: "
                "corridor organisation encryption-key",
            )
        consignment = self._consignment(shipment)
        trips = [
            self._opened("trip", box.container, f"{shipment.consignment} {box.container}")
            for box in shipment.boxes
        ]
        for step in steps_of(shipment, consignment, trips):
            self._say(shipment.name, step, shipment.files if step.files else ())
        return [consignment.uri, *(one.uri for one in trips)]

    def _consignment(self, shipment: Shipment) -> Opened:
        """Return the consignment, opened now unless it is there already.

        Raises:
            ConflictError: It is on record with containers of this shipment, and not by this journal; or
                another import opened it in the same moment.
        """
        name = shipment.consignment
        there = self.journal.subject(name)
        if there is None:
            there = self._first(name)
            if there is not None:
                self._refuse_repeated(shipment, there.uri)
                self.journal.name_subject(name, there)
        elif (there.is_alone or not there.is_ours) and not self._is_begun(shipment):
            # Since then another machine may have come to this line first.
            self._refuse_repeated(shipment, there.uri)
        opened = self._opened("consignment", name, name)
        if opened.is_ours and not opened.is_alone:
            opened = self._alone(shipment, opened)
        return opened

    def _alone(self, shipment: Shipment, opened: Opened) -> Opened:
        """Accept a consignment that was opened here if nobody opened it before, while we looked.

        Both are on record by now, whoever asks: of two imports the one that came first finds itself, and
        the other finds it.

        Raises:
            ConflictError: Somebody did; code `on-record` where this shipment is in it, else `opened-twice`.
        """
        name = shipment.consignment
        first = self._first(name)
        if first is None or first.uri == opened.uri or self._inside(opened.uri):
            alone = replace(opened, is_alone=True)
            self.journal.name_subject(name, alone)
            return alone
        if _CORRECTION in self.kinds:
            signed = self.journal.step(name, SUBJECT_OPENED)
            note = {"note": f"opened twice in one moment by two imports: nothing is in it; see {first.uri}"}
            corrects = None if signed is None else signed.id
            self._say(name, Step(_CORRECTION, _CORRECTION, (opened,), note, corrects=corrects), ())
        self.journal.name_subject(name, first)
        self._refuse_repeated(shipment, first.uri)
        message = f"another import opened {first.uri} in the same moment: run this again once it has ended"
        raise ConflictError("opened-twice", message, field="consignment")

    def _first(self, key: str) -> Opened | None:
        """Return the consignment of a number that the organisation opened first, None when there is none."""
        for found in self.service.subjects(type="consignment", key=key):
            streams = [one for one in found.get("streams", ()) if one.get("name") == "custody"]
            if found.get("opened_by") == self.speaker.author.iss and streams:
                tag = fields.from_hex(streams[0].get("tag"), 32, "the stream's tag")
                return Opened(str(found.get("uri")), tag, is_ours=False)
        return None

    def _inside(self, uri: str) -> set[str]:
        """Return the numbers of the containers that a consignment is in."""
        links = self.service.links(uri).get("links", ())
        return {Subject.parse(one["to"]).key for one in links if one.get("rel") == STUFFED_IN}

    def _is_begun(self, shipment: Shipment) -> bool:
        """Return whether this journal opened a trip for a shipment: what is in it then is its own."""
        names = [f"{shipment.consignment} {box.container}" for box in shipment.boxes]
        return any(self.journal.subject(one) is not None for one in names)

    def _refuse_repeated(self, shipment: Shipment, uri: str) -> None:
        """Refuse a shipment whose containers are in a consignment."""
        inside = self._inside(uri)
        ours = {box.container for box in shipment.boxes}
        if ours & inside:
            code = ON_RECORD if ours <= inside else "partly-on-record"
            message = f"{uri} is on record with {', '.join(sorted(ours & inside))}, by other means than this"
            raise ConflictError(code, message, field="consignment")

    def _opened(self, type_: str, key: str, name: str) -> Opened:
        """Return a subject of one's own, opened now if it was not before."""
        there = self.journal.subject(name)
        if there is None:
            secret = secrets.token_bytes(SECRET_SIZE)
            tag = stream_tag(secret)
            there = Opened(Subject.create(type_, key, self.speaker.author.iss, tag).uri, tag)
            # Before anything is on record: a stream whose secret is lost lets nobody in by it.
            self.keep_secret(there.uri, secret)
            self.journal.name_subject(name, there)
        if there.is_ours:
            self._say(name, Step(SUBJECT_OPENED, SUBJECT_OPENED, (there,)), ())
        return there

    def _say(self, line: str, step: Step, files: Sequence[PaperFile]) -> None:
        """Put a statement on record, unless it is."""
        digests = [[one.document, self.journal.digest_of_file(one.path).hex()] for one in files]

        def sign() -> StatementFile:
            body = dict(step.body)
            if files:
                body["evidence"] = [self._brought(line, one).item.to_json() for one in files]
            about = ([one.uri for one in step.about], [one.tag for one in step.about])
            draft = Draft(step.kind, *about, body, corrects=step.corrects)
            return self.speaker.author.sign(draft, self.speaker.seen, step.conceal)

        self.speaker.say(line, step.name, self.journal.digest([step.to_json(), digests]), sign)

    def _brought(self, line: str, file: PaperFile) -> Sealed:
        """Return a file sealed, with the ledger; nothing is sealed or sent twice."""
        digest = self.journal.digest_of_file(file.path)
        sealed = self.journal.item(line, file.document)
        if sealed is None or sealed.digest != digest:
            sealed = self._seal(line, file, digest)
        path = self.journal.folder / SEALED / sealed.item.cid
        if not sealed.is_sent:
            send_sealed(self.service, path)
            own = WrappedSecret(sealed.item.commitment, sealed.item.cid, sealed.wrapped)
            hand_over(self.service, self.speaker.author.iss, [own], None)
            self.journal.sent(line, file.document)
        path.unlink(missing_ok=True)
        return sealed

    def _seal(self, line: str, file: PaperFile, digest: bytes) -> Sealed:
        media_type = mimetypes.guess_type(file.path.name)[0] or "application/octet-stream"
        label = Label.parse(media_type, file.category, file.path.name[:200])
        made = seal_into(self.journal.folder / SEALED, pieces_of(file.path), label)
        sealed = Sealed(digest, made.item, wrap_secret(made.secret, self.readers), is_sent=False)
        self.journal.keep_item(line, file.document, sealed)
        return sealed
