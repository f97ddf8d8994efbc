"""The tables of wrapped secrets."""
