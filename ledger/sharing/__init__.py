"""Sharing: who is shown what, by which grant, and what was erased."""
