"""The checks, a module each: its reasons, and the function that looks for them."""
