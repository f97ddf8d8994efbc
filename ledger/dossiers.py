"""Dossiers and receipt files: what the log and the chain know, put into one container."""
