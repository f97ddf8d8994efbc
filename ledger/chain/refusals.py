"""What the contracts' errors mean to the people who caused them."""

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.chain.errors import RevertedError

WORDS = {
    "AccessControlUnauthorizedAccount": "only the admin of an organisation with the role governor may",
    "AdminTaken": "this account is the admin of an organisation already; each needs one of its own",
    "InvalidAdmin": "this is no account that anybody has the key of",
    "InvalidKeyEncoding": "this is no COSE_Key",
    "InvalidKeySize": "this is no COSE_Key",
    "InvalidOperator": "this is no account that anybody has the key of",
    "InvalidRole": "there is no such role",
    "InvalidSuspicion": "a suspicion begins at the earliest with the key, at the latest now, and only ever "
    "moves to an earlier block",
    "InvalidUri": "an organisation is a URI of 1 to 200 visible ASCII characters",
    "KeyHasEnded": "the key has ended already",
    "KeyKnown": "the key was added before, by this organisation or another one; make a new one",
    "LogAlreadyOpened": "the log is open already",
    "LogIsClosed": "the log is closed, for ever",
    "NoRecovery": "no recovery waits",
    "NotAnAdmin": "this account is no organisation's admin",
    "NotKeyOwner": "the key is another organisation's",
    "NotProposer": "only the organisation that proposed it takes it back",
    "OrganisationHasEnded": "the organisation has ended, for ever",
    "OrganisationKnown": "the organisation was enrolled before; one that ended comes back under another URI",
    "ProposalNotOpen": "it was approved or withdrawn before",
    "ProposerNotGovernor": "the organisation that proposed it governs no longer: propose it anew",
    "RecoveryTooEarly": "the delay of the recovery is not over",
    "RoleIsOpen": "the organisation has this role already",
    "RoleNotOpen": "the organisation does not have this role",
    "SelfApproval": "your own organisation proposed it; another one has to approve",
    "SizeNotAnchored": "the log has no anchor of this size",
    "SuccessorNotOpen": "the log that goes on has to be opened first",
    "TooFewGovernors": "too few organisations would be left to govern",
    "UnknownKey": "the registry does not know this key",
    "UnknownLog": "the contract knows no log of this origin",
    "UnknownOrganisation": "the organisation is not enrolled",
    "UnknownProposal": "there is no such proposal",
}


@contextmanager
def in_words() -> Iterator[None]:
    """Say of a contract's refusal within a block what it means, before what the contract said itself."""
    try:
        yield
    except RevertedError as error:
        if error.error not in WORDS:
            raise
        raise RevertedError(f"{WORDS[error.error]} ({error.message})", error=error.error) from None
