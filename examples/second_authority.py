"""Whose word counts: the check of authority, section 15 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

import second_evm as evm
from second_case import Case, Findings, Registered, Slots, failed, missing, not_checked, value_at
from second_encoding import h, k, need
from second_profile import Profile, read_profile


def check_authority(case: Case) -> Findings:
    if not case.states:
        yield not_checked("needs-anchor", "no state of the chain is believed")
        return
    profile = read_profile(case.dossier.profile)
    for each in case.statements:
        block = case.block_of(each.index)
        if block is None:
            yield not_checked("no-anchor", f"no anchor that holds covers the {each}")
            continue
        try:
            yield from entitled(case, each, profile, block)
        except evm.Unproven as error:
            yield not_checked("not-proven", f"{each}: {error}")


def entitled(case: Case, each: Registered, profile: Profile, block: int) -> Findings:
    """Look the signer up in the registry, as of a block."""
    registry, organisation = case.trust.registry, h(each.statement.iss.encode())
    slots = evm.registry_slots(organisation, b"", each.statement.kid)
    key, packed = case.read(registry, block, lambda at: (at(slots["key"]), at(slots["key_interval"])))
    owner, since = evm.u256(key), case.read(registry, block, value_at(slots["organisation"])) >> 160
    if not any(owner):
        yield failed("key-unknown", f"{each}: its key was never registered")
    elif owner != organisation:
        yield failed("key-of-another", f"{each}: its key is not one of {each.statement.iss}")
    elif not good_at(packed, block):
        yield failed("key-not-good", f"{each}: its key was not good at block {block}")
    elif not may_be_used(packed >> 192, each.kind, profile):
        yield failed("key-use", f"{each}: its key is not one that says {each.kind}")
    elif 0 < packed >> 128 & 2**64 - 1 <= block:
        yield missing("key-suspect", f"{each}: {each.statement.iss} has to say whether it signed this")
    if not good_at(since, block, 48):
        yield failed("organisation-not-good", f"{each.statement.iss} was no participant at block {block}")
    unproven: list[evm.Unproven] = []
    for role in profile.kinds.get(each.kind, []):
        try:
            if has_role(case, organisation, role, block):
                return
        except evm.Unproven as error:
            unproven.append(error)
    if unproven:
        raise unproven[0]
    yield failed("role", f"{each.statement.iss} had no role that may say {each.kind}")


def may_be_used(use: int, kind: str, profile: Profile) -> bool:
    """Tell whether a key of a use says a kind: 1 says all that its organisation may, 2 is a device's."""
    return use == 1 or (use == 2 and kind in profile.devices)


def good_at(packed: int, block: int, width: int = 64) -> bool:
    """Tell whether an interval, packed lowest bits first, holds a block."""
    mask = (1 << width) - 1
    began, ended = packed & mask, packed >> width & mask
    return 0 < began <= block and (ended == 0 or block < ended)


def has_role(case: Case, organisation: bytes, role: str, block: int) -> bool:
    slots = evm.registry_slots(organisation, k(role.encode()), b"")

    def intervals(at: Slots) -> list[int]:
        number = at(slots["role_count"])
        need(number <= 1_024, "registry: over 1,024 intervals of a role", "not-proven")
        return [at(evm.following(slots["role_first"], place)) for place in range(number)]

    return any(good_at(packed, block) for packed in case.read(case.trust.registry, block, intervals))
