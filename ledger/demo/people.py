"""The people of the story, who appear by pseudonyms that only their employer can resolve."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.client.people import Register
from ledger.demo.cast import Party


@dataclass(frozen=True, slots=True)
class Registers:
    """Each employer's register of its people.

    Args:
        of: The registers by the names of the parts, as far as they are begun.
    """

    of: dict[str, Register] = field(default_factory=dict, repr=False)

    def called(self, party: Party, people: Mapping[str, str], subject: str) -> dict[str, str]:
        """Return what a statement about a subject calls people; who is new is added.

        Args:
            party: Their employer.
            people: Their names, by the member of the body that names them.
            subject: URI.
        """
        name = party.part.name
        if people and name not in self.of:
            self.of[name] = Register.create([str(party.identity.to_public())])
        for person in people.values():
            if person not in {one.name for one in self.of[name].people}:
                self.of[name] = self.of[name].adding(person)
        return {member: self.of[name].pseudonym(person, subject) for member, person in people.items()}
