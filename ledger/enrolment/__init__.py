"""Applications of organisations that want to take part."""
