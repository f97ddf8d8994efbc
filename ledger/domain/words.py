"""What is said to people in the three languages of the corridors."""

from dataclasses import dataclass
from typing import Final, Self

LANGUAGES: Final = ("en", "es", "fr")


@dataclass(frozen=True, slots=True)
class Words:
    """One text in three languages; texts may be templates of `str.format` with named fields.

    Args:
        en: English.
        es: Spanish.
        fr: French.
    """

    en: str
    es: str
    fr: str

    @classmethod
    def alike(cls, text: str) -> Self:
        """Return what is the same in every language: a name, a number."""
        return cls(text, text, text)

    def in_(self, language: str) -> str:
        """Return the text in a language of `LANGUAGES`, in English for any other."""
        return {"es": self.es, "fr": self.fr}.get(language, self.en)
