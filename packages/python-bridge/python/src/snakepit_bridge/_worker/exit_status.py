"""How a worker's process ends, in the numbers of sysexits.h where there is one."""

from __future__ import annotations

DONE = 0
"""The host asked for it, or the worker was drained."""
SETUP_FAILED = 1
"""The adapter could not be set up; the host was told why, if it could be reached."""
HOST_LOST = 69
"""The connection ended and nobody had asked for it."""
PROTOCOL = 76
"""The host sent what it must not."""
REFUSED = 77
"""The host did not accept the worker."""
