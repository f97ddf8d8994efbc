"""Shipments that are on their way: what is coming, what is missing, what was decided."""
