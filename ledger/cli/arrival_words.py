"""What is said of arrivals, in three languages."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.words import Words

WORDS: Final[Mapping[str, Words]] = {
    "eta": Words("ETA", "ETA", "ETA"),
    "port": Words("port", "puerto", "port"),
    "vessel": Words("vessel, voyage", "buque, viaje", "navire, voyage"),
    "bill": Words("bill of lading", "conocimiento de embarque", "connaissement"),
    "containers": Words("containers", "contenedores", "conteneurs"),
    "state": Words("state", "estado", "état"),
    "delivery": Words("delivery", "entrega", "livraison"),
    "clear": Words("clear", "sin objeciones", "rien à redire"),
    "missing": Words("incomplete", "incompleto", "incomplet"),
    "contradicted": Words("contradicted", "contradicciones", "contredit"),
    "ready": Words("ready", "listo", "prêt"),
    "overdue": Words("overdue", "demorado", "en retard"),
    "blocked": Words("blocked", "bloqueada", "bloquée"),
    "free": Words("free", "libre", "libre"),
    "none": Words("no decision", "sin decisión", "pas de décision"),
    "due": Words("due", "vence", "échéance"),
    "left": Words("hours left", "horas restantes", "heures restantes"),
    "what": Words("what", "qué", "quoi"),
    "for": Words("for", "para", "pour"),
    "open": Words("open", "abierto", "ouvert"),
    "late": Words("late", "tarde", "en retard"),
    "done": Words("done", "hecho", "fait"),
    "no_arrivals": Words("Nothing is on its way.", "No hay nada en camino.", "Rien n'est en route."),
    "no_todo": Words("Nothing is to be done.", "No hay nada pendiente.", "Rien n'est à faire."),
    "more": Words(
        "there are more than these; say how many to show with --most",
        "hay más que estos; indique cuántos mostrar con --most",
        "il y en a davantage ; dites combien en montrer avec --most",
    ),
    "how": Words("To bring the first:", "Para entregar lo primero:", "Pour apporter le premier :"),
    "not_known": Words("not known", "no se sabe", "inconnu"),
}

SEVERITIES: Final[Mapping[str, Words]] = {
    "problem": Words("problem", "problema", "problème"),
    "missing": Words("missing", "falta", "manque"),
    "warning": Words("worth a look", "conviene mirar", "à regarder"),
}
"""How much a finding weighs."""


def in_words(word: object, lang: str) -> str:
    """Return a word in a language; what is not in the list as it is."""
    known = WORDS.get(str(word))
    return str(word) if known is None else known.in_(lang)
