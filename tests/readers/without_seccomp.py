"""Makes its process one in which libseccomp cannot be had."""

import sys

sys.modules["pyseccomp"] = None  # type: ignore[assignment]
