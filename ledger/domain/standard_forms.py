"""Names and numbers as they are compared: what only differs in how it is written is the same."""

import re
import unicodedata
from typing import Final

_BLANKS_AND_MARKS: Final = re.compile(r"[\W_]+")
_HS: Final = re.compile(r"[0-9]{4,12}")
# What companies put behind their names to say of which legal form they are, without marks and accents.
_FORM: Final = re.compile(
    r" (?:s ?a(?: de c ?v)?|sociedad anonima(?: de capital variable)?|s ?r ?l|s ?l|s ?a ?s|ltda|limitada|cia"
    r"|y compania|y cia|societe anonyme|s ?a ?r ?l|et compagnie|inc|incorporated|corp|corporation|co|company"
    r"|and company|l ?l ?c|l ?l ?p|l ?p|ltd|limited|p ?l ?c|gmbh|a ?g|b ?v|n ?v)$"
)
# UN/ECE recommendation 21 codes and words for the packages that fruit and parcels go in.
_PACKAGES: Final = {
    **dict.fromkeys(
        ("ct", "bx", "ctn", "ctns", "carton", "cartons", "box", "boxes", "caja", "cajas"), "carton"
    ),
    **dict.fromkeys(("cartones", "colis", "caisse", "caisses"), "carton"),
    **dict.fromkeys(("px", "pe", "pallet", "pallets", "tarima", "tarimas", "palette", "palettes"), "pallet"),
}
_CUT_OFF: Final = 24
"""Letters after which a name may have been cut off: EDIFACT and many forms have room for 35 characters."""
_ORDER: Final = ("toorder", "totheorder", "alaorden", "alordre", "orderof")


def container_number(text: str) -> str:
    """Return the number of a container without blanks and marks, in capitals (ISO 6346)."""
    return document_number(text)


def seal_number(text: str) -> str:
    """Return the number of a seal without blanks and marks, in capitals."""
    return document_number(text)


def document_number(text: str) -> str:
    """Return the number of a paper without blanks and marks, in capitals."""
    return _BLANKS_AND_MARKS.sub("", unicodedata.normalize("NFKC", text)).upper()


def hs_digits(value: object) -> str | None:
    """Return the digits of a tariff number, None where it is none of 4 to 12 digits."""
    digits = re.sub(r"[\s.]+", "", value) if isinstance(value, str) else ""
    return digits if _HS.fullmatch(digits) else None


def package_kind(text: str) -> str:
    """Return a kind of package in one word for all that means the same; what is not known stays as it is."""
    word = exact_name(text)
    return _PACKAGES.get(word, word)


def exact_name(text: str) -> str:
    """Return a name without what only its writing differs in: Unicode NFKC, case, blanks, punctuation.

    Accents, legal forms and the order of words stay: two names are the same or they are not.
    """
    return _BLANKS_AND_MARKS.sub("", unicodedata.normalize("NFKC", text).casefold())


def company_name(text: str) -> str:
    """Return a company's name as papers are compared by it: without accents and legal form too."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    name = " ".join(_BLANKS_AND_MARKS.sub(" ", letters.replace(".", "")).split())
    while (shorter := _FORM.sub("", name)) != name:
        name = shorter
    return name.replace(" ", "")


def same_company(one: str, other: str) -> bool:
    """Return whether two names in the form of `company_name` may be one company's.

    A name that was cut off is the beginning of the whole one.
    """
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= _CUT_OFF and long.startswith(short))


def is_name(text: str) -> bool:
    """Return whether a text names somebody: no bare number, and no bill made out to order."""
    letters = sum(each.isalpha() for each in text)
    return letters >= 2 and letters * 2 >= len(text) and not exact_name(text).startswith(_ORDER)
