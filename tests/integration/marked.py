"""Files of all formats with a mark in each, by which they are known again wherever they come to lie."""

from functools import cache
from io import BytesIO

import av
from PIL import PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from tests.builders import seeded
from tests.readers import clips
from tests.readers.formats import made
from tests.readers.items import made as of_the_demo


def mark(name: str) -> bytes:
    """Return the mark of a file: 32 characters that are nowhere else."""
    return b"MARK" + seeded(("mark", name), 14).hex().upper().encode()


@cache
def files() -> dict[str, tuple[bytes, str, str]]:
    """Return files by name, each with its media type and category."""
    return {
        "scan.png": (_png(mark("scan.png")), "image/png", "scan"),
        "photo.jpg": (made.encoded(made.photo(), "JPEG", comment=mark("photo.jpg")), "image/jpeg", "photo"),
        "scan.tif": (
            made.tiff_of(made.scan().low, description=mark("scan.tif").decode()),
            *("image/tiff", "scan"),
        ),
        "portal.n42": (
            made.n42().replace(b"portal-3", mark("portal.n42")),
            *("application/xml", "radiation"),
        ),
        "licence.pdf": (_pdf(mark("licence.pdf")), "application/pdf", "paper"),
        "manifest.json": (
            of_the_demo("importer-security-filing.json").replace(
                b"{", b'{"remarks": "%s",' % mark("manifest.json"), 1
            ),
            *("application/json", "filing"),
        ),
        "duca.xml": (
            of_the_demo("export-declaration.xml") + b"<!-- %s -->" % mark("duca.xml"),
            *("application/xml", "filing"),
        ),
        "reefer.csv": (
            b"time,supply_c,note\n2026-11-06T15:30:00Z,4.1,%s\n" % mark("reefer.csv"),
            *("text/csv", "log"),
        ),
        "clip.mp4": (_clip(mark("clip.mp4")), "video/mp4", "video"),
    }


def _png(text: bytes) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text.decode())
    return made.encoded(made.photo(), "PNG", pnginfo=info)


def _pdf(text: bytes) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(of_the_demo("export-licence.pdf")))), BytesIO()
    drawn = StreamObject()
    drawn.set_data(b"BT /F1 12 Tf 50 50 Td (" + text + b") Tj ET")
    page = writer.pages[0]
    page[NameObject("/Contents")] = writer._add_object(drawn)
    writer.write(out)
    return out.getvalue()


def _clip(title: bytes) -> bytes:
    out = BytesIO()
    with av.open(BytesIO(clips.clip()), "r") as source, av.open(out, "w", format="mp4") as file:
        file.metadata["title"] = title.decode()
        stream = file.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                file.mux(packet)
    return out.getvalue()
