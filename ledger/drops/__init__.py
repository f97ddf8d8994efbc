"""Drops: folders from which the files of machines are taken, sealed and signed."""
