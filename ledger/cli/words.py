"""The words of the outputs that an exporter, a driver or a guard reads, in English and in Spanish.

What programs compare, such as codes and JSON, is never translated; neither is what somebody said.
"""

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "es", "fr"]
"""The languages of what is printed: one choice for all commands, as it may stand in the environment."""

WORDS: Mapping[str, Mapping[Language, str]] = {
    "about": {"en": "about", "es": "sobre"},
    "access_approved": {"en": "approved", "es": "aprobada"},
    "access_refused": {"en": "refused", "es": "rechazada"},
    "agreed_at": {"en": "agreed for", "es": "acordado para"},
    "ask_accept": {
        "en": "Do you take this over under these terms?",
        "es": "¿Recibe usted esto en estos términos?",
    },
    "ask_refuse": {"en": "Do you refuse these terms?", "es": "¿Rechaza usted estos términos?"},
    "both": {"en": "both signed", "es": "firmado por ambos"},
    "box": {"en": "container", "es": "contenedor"},
    "categories": {"en": "categories", "es": "categorías"},
    "clean_at": {"en": "last shown clean", "es": "última vez limpio"},
    "doors": {"en": "doors opened", "es": "puertas abiertas"},
    "from": {"en": "from", "es": "desde"},
    "gives": {"en": "gives", "es": "entrega"},
    "held_at": {"en": "held then by", "es": "en poder entonces de"},
    "holder": {"en": "holder", "es": "tenedor"},
    "inspections": {"en": "inspections", "es": "inspecciones"},
    "nobody": {"en": "nobody that is known", "es": "nadie que se sepa"},
    "none": {"en": "none", "es": "ninguno"},
    "expired": {"en": "over", "es": "vencido"},
    "ended": {"en": "ended", "es": "terminado"},
    "good": {"en": "good", "es": "vigente"},
    "no_access_requests": {"en": "No requests.", "es": "No hay solicitudes."},
    "no_grants": {"en": "No grants.", "es": "No hay permisos."},
    "no_hand_overs": {"en": "No hand-overs.", "es": "No hay entregas."},
    "no_problems": {"en": "An unbroken line.", "es": "Una línea sin interrupciones."},
    "now": {"en": "now", "es": "ahora"},
    "one": {"en": "one side only", "es": "solo una parte"},
    "one-and-machine": {"en": "one side and a machine", "es": "una parte y una máquina"},
    "open": {"en": "open: to be answered", "es": "pendiente de respuesta"},
    "pending": {"en": "not yet", "es": "todavía no"},
    "place": {"en": "place", "es": "lugar"},
    "clip": {"en": "clip", "es": "grabación"},
    "lacks": {"en": "not there", "es": "falta"},
    "no_passages": {"en": "No gate passages.", "es": "No hay pasos por garita."},
    "all_fits": {"en": "All of it fits together.", "es": "Todo concuerda."},
    "passage": {"en": "gate passage", "es": "paso por garita"},
    "radiation": {"en": "radiation profile", "es": "perfil de radiación"},
    "scan": {"en": "X-ray scan", "es": "imagen de rayos X"},
    "seal-check": {"en": "seal check", "es": "revisión de precintos"},
    "segment": {"en": "segment", "es": "segmento"},
    "problem": {"en": "problem", "es": "problema"},
    "problems": {"en": "problems", "es": "problemas"},
    "purpose": {"en": "what for", "es": "para qué"},
    "reason": {"en": "why", "es": "motivo"},
    "refused": {"en": "refused", "es": "rechazado"},
    "remarks": {"en": "remarks", "es": "observaciones"},
    "seals": {"en": "seals on it now", "es": "precintos actuales"},
    "subjects": {"en": "what", "es": "qué"},
    "takes": {"en": "takes", "es": "recibe"},
    "terms": {"en": "terms", "es": "términos"},
    "to": {"en": "to", "es": "hasta"},
    "until": {"en": "until", "es": "hasta el"},
    "unobserved": {"en": "minutes unobserved", "es": "minutos sin observación"},
    "warning": {"en": "warning", "es": "advertencia"},
    "closed": {"en": "answered", "es": "respondida"},
}


def words(lang: Language) -> Mapping[str, str]:
    """Return the words of a language by their names, in English where there are none in it."""
    return {name: texts.get(lang, texts["en"]) for name, texts in WORDS.items()}
