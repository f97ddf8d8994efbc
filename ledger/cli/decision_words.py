"""What is said of decisions, in three languages, to those who deliver and to those whose goods they are."""

from collections.abc import Collection, Mapping
from typing import Final

from ledger.cli.words import Language
from ledger.domain.words import Words

_DELIVERING: Final = frozenset({"destination-port", "origin-port", "carrier", "haulier"})

_TO_WHO_DELIVERS: Final[Mapping[str, Words]] = {
    "blocked": Words("Do not deliver.", "No entregar.", "Ne pas livrer."),
    "free": Words("May be delivered.", "Se puede entregar.", "Peut être livré."),
    "none": Words("No decision yet.", "Todavía no hay decisión.", "Pas encore de décision."),
}
_TO_OTHERS: Final[Mapping[str, Words]] = {
    "blocked": Words("Not released.", "No liberado.", "Non libéré."),
    "free": Words("Released.", "Liberado.", "Libéré."),
    "none": _TO_WHO_DELIVERS["none"],
}
_KINDS: Final[Mapping[str, Words]] = {
    "release": Words("release", "liberación", "mainlevée"),
    "hold": Words("hold", "retención", "blocage"),
    "exam": Words("examination", "inspección", "examen"),
    "manifest": Words("manifest", "manifiesto", "manifeste"),
    "commercial-enforcement": Words("commercial enforcement", "control comercial", "contrôle commercial"),
    "cet": Words("contraband enforcement", "control de contrabando", "lutte contre la contrebande"),
    "pga": Words("another agency", "otra autoridad", "autre administration"),
    "agriculture": Words("agriculture", "agricultura", "agriculture"),
    "statistical": Words("statistical validation", "validación estadística", "validation statistique"),
    "nii": Words("X-ray", "rayos X", "rayons X"),
    "tailgate": Words("doors opened", "apertura de puertas", "ouverture des portes"),
    "intensive": Words("unloaded", "descarga completa", "dépotage complet"),
    "usda": Words("USDA", "USDA", "USDA"),
    "fda": Words("FDA", "FDA", "FDA"),
    "other": Words("other", "otro", "autre"),
}
_STATES: Final[Mapping[str, Words]] = {
    "in-force": Words("in force", "vigente", "en vigueur"),
    "replaced": Words("replaced", "reemplazada", "remplacée"),
    "reversed": Words("reversed", "revocada", "annulée"),
    "corrected": Words("corrected", "corregida", "corrigée"),
}


def delivery_in_words(delivery: object, roles: Collection[str], lang: Language) -> str:
    """Return whether goods may be delivered, as it concerns a reader.

    Args:
        delivery: `blocked`, `free` or `none`.
        roles: Of the reader.
        lang: Language.
    """
    texts = _TO_WHO_DELIVERS if _DELIVERING & set(roles) else _TO_OTHERS
    return _said(texts, delivery, lang)


def kind_in_words(decision: object, type_: object, lang: Language) -> str:
    """Return what was decided, empty where that is not told.

    Args:
        decision: `release`, `hold` or `exam`; None where it is not told.
        type_: Which hold or examination; None where there is none.
        lang: Language.
    """
    told = [_said(_KINDS, one, lang) for one in (decision, type_) if one is not None]
    return ": ".join(told)


def state_in_words(state: object, lang: Language) -> str:
    """Return what became of a decision."""
    return _said(_STATES, state, lang)


def _said(texts: Mapping[str, Words], name: object, lang: Language) -> str:
    words = texts.get(str(name))
    return str(name) if words is None else words.in_(lang)
