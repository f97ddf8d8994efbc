"""Readers: what is found in evidence, each in a child process of its own, without a network."""
