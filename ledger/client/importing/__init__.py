"""Bringing what other systems have as tables and folders on record, each line once, whatever happens when."""
