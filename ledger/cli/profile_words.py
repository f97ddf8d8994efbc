"""The words of a profile that is shown, in the three languages of the corridors."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.words import Words

SHOWN: Final[Mapping[str, Words]] = {
    "route": Words("route", "ruta", "itinéraire"),
    "to": Words("to", "hacia", "vers"),
    "promise": Words("promise", "promesa", "promesse"),
    "all_origin": Words(
        "all evidence of the origin", "toda la evidencia del origen", "toutes les preuves de l'origine"
    ),
    "parties": Words("parties", "partes", "parties"),
    "clocks": Words("accepted clocks", "relojes aceptados", "horloges admises"),
    "owes": Words("Who owes what, by when", "Quién debe qué y para cuándo", "Qui doit quoi, et pour quand"),
    "evidence": Words("evidence", "evidencia", "preuve"),
    "owed_by": Words("owed by", "a cargo de", "à la charge de"),
    "due": Words("due", "plazo", "échéance"),
    "only": Words("only", "solo", "seulement"),
    "any_time": Words("any time", "en cualquier momento", "à tout moment"),
    "until": Words("may be put right until", "se puede corregir hasta", "rectifiable jusqu'à"),
    "per_trip": Words("for each container", "por cada contenedor", "par conteneur"),
    "happens": Words(
        "What happens, in this order", "Qué ocurre, en este orden", "Ce qui arrive, dans l'ordre"
    ),
    "milestone": Words("milestone", "hito", "étape"),
    "where": Words("where", "dónde", "où"),
    "told_by": Words("told by", "lo dice", "dit par"),
    "anywhere": Words("anywhere", "en cualquier lugar", "n'importe où"),
    "says": Words("Who may say what", "Quién puede decir qué", "Qui peut dire quoi"),
    "kind": Words("kind", "tipo", "genre"),
    "roles": Words("roles", "roles", "rôles"),
    "sees": Words(
        "Who sees what by agreement; all else is granted or asked for",
        "Quién ve qué por acuerdo; lo demás se concede o se solicita",
        "Qui voit quoi par accord ; le reste est accordé ou demandé",
    ),
    "role": Words("role", "rol", "rôle"),
    "categories": Words("categories", "categorías", "catégories"),
    "everything": Words("everything", "todo", "tout"),
    "kept": Words("How long it is kept", "Cuánto se conserva", "Durée de conservation"),
    "days": Words("days", "días", "jours"),
    "no_limit": Words("no limit", "sin límite", "sans limite"),
    "limits": Words("Limits", "Límites", "Limites"),
    "hand_over": Words("least hand-over", "entrega mínima", "remise minimale"),
    "before": Words(
        "{amount} before: {milestone}", "{amount} antes: {milestone}", "{amount} avant : {milestone}"
    ),
    "after": Words(
        "{amount} after: {milestone}", "{amount} después: {milestone}", "{amount} après : {milestone}"
    ),
    "earliest": Words("the earliest of", "lo primero de", "le premier de"),
    "latest": Words("the latest of", "lo último de", "le dernier de"),
    "nothing_asked": Words(
        "It asks nothing of shipments: no [route].",
        "No exige nada de los envíos: no hay [route].",
        "Il n'exige rien des envois : pas de [route].",
    ),
    "destinations": Words("to {places}", "hacia {places}", "vers {places}"),
    "origins": Words("from {places}", "desde {places}", "depuis {places}"),
    "hs": Words("tariff {numbers}", "arancel {numbers}", "tarif {numbers}"),
    "said": Words("after {kind}", "tras {kind}", "après {kind}"),
    "voyage": Words(
        "voyage over {hours} h", "travesía de más de {hours} h", "traversée de plus de {hours} h"
    ),
}
