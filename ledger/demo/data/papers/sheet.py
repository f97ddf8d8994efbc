"""One page of paper as offices print it: a heading, numbered boxes, a table, a declaration, a signature."""

from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

_MARGIN_MM = 12.0
_LABEL, _TEXT, _HEADING = 6.5, 9.0, 14.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the paper. Text is Latin-1, as in English and Spanish.

    Args:
        language: Of the paper, for screen readers: `es` or `en`.
        title: What the paper is.
        number: Its number, as its issuer counts.
        issuer: Who issues it.
        at: When it was issued; shown with its offset.
        boxes: Label and text of each box, two boxes a row.
        columns: Heads of the table; none when there is no table.
        rows: Its rows.
        declaration: What the signer declares.
        signed_by: Pseudonym of the signer, which the issuer can resolve.
    """

    language: str
    title: str
    number: str
    issuer: str
    at: datetime
    boxes: tuple[tuple[str, str], ...]
    declaration: str
    signed_by: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def to_pdf(sheet: Sheet) -> bytes:
    """Return the paper as PDF: the same bytes for the same sheet, its text readable by programs."""
    pdf = FPDF(format="letter")
    pdf.set_creation_date(sheet.at)
    pdf.set_lang(sheet.language)
    pdf.set_title(f"{sheet.title} {sheet.number}")
    pdf.set_author(sheet.issuer)
    pdf.set_margin(_MARGIN_MM)
    pdf.set_auto_page_break(True, _MARGIN_MM)
    pdf.add_page()
    _head(pdf, sheet)
    for first in range(0, len(sheet.boxes), 2):
        _boxes(pdf, sheet.boxes[first : first + 2])
    if sheet.columns:
        _table(pdf, sheet)
    _foot(pdf, sheet)
    return bytes(pdf.output())


def moment(at: datetime) -> str:
    """Return a time as it stands on a paper, with the offset of the clock that showed it."""
    return f"{at:%Y-%m-%d %H:%M} (UTC{at.isoformat()[-6:]})"


def _line(pdf: FPDF, size: float, text: str, *, bold: bool = False) -> None:
    pdf.set_font("Helvetica", "B" if bold else "", size)
    pdf.multi_cell(0, size * 0.48, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _head(pdf: FPDF, sheet: Sheet) -> None:
    _line(pdf, _TEXT, sheet.issuer, bold=True)
    _line(pdf, _HEADING, sheet.title, bold=True)
    _line(pdf, _TEXT, f"No. {sheet.number}     {moment(sheet.at)}")
    pdf.ln(2)


def _boxes(pdf: FPDF, boxes: tuple[tuple[str, str], ...]) -> None:
    width, top = pdf.epw / 2, pdf.get_y()
    lowest = top
    for place, (label, text) in enumerate(boxes):
        pdf.set_xy(_MARGIN_MM + place * width, top + 0.8)
        pdf.set_font("Helvetica", "", _LABEL)
        pdf.multi_cell(width, 3, label, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        pdf.set_font("Helvetica", "", _TEXT)
        pdf.multi_cell(width, 4.2, text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        lowest = max(lowest, pdf.get_y() + 0.8)
    for place in range(2):
        pdf.rect(_MARGIN_MM + place * width, top, width, lowest - top)
    pdf.set_xy(_MARGIN_MM, lowest)


def _table(pdf: FPDF, sheet: Sheet) -> None:
    pdf.ln(3)
    pdf.set_font("Helvetica", "", 7.5)
    heads = FontFace(emphasis="BOLD", fill_color=(225, 225, 225))
    with pdf.table(line_height=4.2, headings_style=heads, text_align="LEFT") as table:
        for row in (sheet.columns, *sheet.rows):
            table.row(row)


def _foot(pdf: FPDF, sheet: Sheet) -> None:
    pdf.ln(3)
    _line(pdf, 8.0, sheet.declaration)
    pdf.ln(5)
    _line(pdf, _TEXT, f"{sheet.signed_by}, {sheet.issuer}")
