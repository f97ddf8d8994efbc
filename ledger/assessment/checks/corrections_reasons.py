"""What the check `corrections` may find."""

from typing import Final

from ledger.assessment.finding import Reason, Severity
from ledger.domain.words import Words

UNKNOWN: Final = Reason(
    "correction-unknown",
    Severity.MISSING,
    Words(
        "{who} corrects with a {kind} something that is not on record here.",
        "{who} corrige con {kind} algo que aquí no consta.",
        "{who} corrige par {kind} quelque chose qui n’est pas au dossier.",
    ),
    "What a correction puts right is not there: it was never submitted, was said of another shipment, or "
    "comes late. Its signer can say which.",
)
LATE: Final = Reason(
    "correction-late",
    Severity.WARNING,
    Words(
        "{who} corrected a {kind} at {time}, after the departure at {when}.",
        "{who} corrigió {kind} a las {time}, después de la salida a las {when}.",
        "{who} a corrigé {kind} à {time}, après le départ à {when}.",
    ),
    "A paper was corrected when the goods were on their way, by its signer's own clock. Where the corridor "
    "says until when a paper may be put right, `timeliness` watches that and this says nothing.",
)
WEIGHT_LATE: Final = Reason(
    "weight-corrected-late",
    Severity.WARNING,
    Words(
        "{who} corrected amounts of a {kind} at {time}, after lading at {when}: {change}.",
        "{who} corrigió cantidades de {kind} a las {time}, después de la carga a las {when}: {change}.",
        "{who} a corrigé des quantités de {kind} à {time}, après le chargement à {when} : {change}.",
    ),
    "Packages or weights were corrected when the container was on board: the ship was stowed by the earlier "
    "ones (SOLAS VI/2), and nobody could weigh any more. Compare with what scanners and scales recorded.",
)
AFTER_DECISION: Final = Reason(
    "corrected-after-decision",
    Severity.PROBLEM,
    Words(
        "{who} corrected the {kind} of {whose} after {authority} had let the goods go on, and it has not "
        "decided again.",
        "{who} corrigió {kind} de {whose} después de que {authority} autorizara la entrega, y no ha vuelto a "
        "decidir.",
        "{who} a corrigé {kind} de {whose} après que {authority} eut autorisé la livraison, sans nouvelle "
        "décision depuis.",
    ),
    "A decision to let goods go on rests on what was on record then. That was changed afterwards: whoever "
    "decided has to look again, and says so by another decision. Corrections by the authority itself, and "
    "those while goods are held, are none.",
)
TAKEN_BACK: Final = Reason(
    "finding-taken-back",
    Severity.WARNING,
    Words(
        "{who} took back at {time} what {whose} had said of {what}.",
        "{who} retiró a las {time} lo que {whose} había dicho sobre {what}.",
        "{who} a retiré à {time} ce que {whose} avait dit sur {what}.",
    ),
    "A correction no longer says something that spoke against the shipment: an alarm, a suspicion, opened "
    "doors, a broken seal. It may have been a mistake, or somebody was asked to. Both are on record: "
    "ask why.",
)
NOT_ENTITLED: Final = Reason(
    "correction-not-entitled",
    Severity.WARNING,
    Words(
        "{who} may not correct the {kind} of {whose}; what {whose} said stands.",
        "{who} no puede corregir {kind} de {whose}; vale lo que dijo {whose}.",
        "{who} ne peut corriger {kind} de {whose} ; ce qu’a dit {whose} reste valable.",
    ),
    "Only the same organisation corrects what it said, or a role that the corridor names. The correction "
    "changes nothing; it is a warning, because else anybody in the stream could stop any shipment.",
)
COMPETING: Final = Reason(
    "correction-competing",
    Severity.WARNING,
    Words(
        "{count} {kind} statements ({who}) correct the same one in different ways; the last one counts, "
        "signed at {time}.",
        "{count} declaraciones {kind} ({who}) corrigen la misma de maneras distintas; vale la última, "
        "firmada a las {time}.",
        "{count} déclarations {kind} ({who}) corrigent la même de façons différentes ; la dernière compte, "
        "signée à {time}.",
    ),
    "Two corrections do not know of each other. The one signed last counts; nothing takes the other one "
    "back, so that this stays a warning: ask which was meant.",
)
REASONS: Final = (AFTER_DECISION, UNKNOWN, TAKEN_BACK, WEIGHT_LATE, LATE, COMPETING, NOT_ENTITLED)
