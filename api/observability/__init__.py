"""What the service tells its operator: one line for each request, metrics, and nothing of what was said."""
