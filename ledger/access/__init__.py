"""Sessions opened with a signed challenge, and requests that may be repeated."""
