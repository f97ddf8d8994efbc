"""The tables of erasures, holds and keyed fingerprints."""
