"""The EVM chain: the embedded one, the contracts, anchoring, proofs; the only package that talks to web3."""

import sys

import py_ecc  # noqa: F401 - imported first, so that what it does on import is undone here

# It lets recursion go 100,000 deep, and web3 and eth-account import it: deeply nested JSON, from whomever,
# would then overflow the C stack and end the process, with no error to catch. This is Python's own limit.
sys.setrecursionlimit(1000)
