"""The number of examples of property tests: SNAKEPIT_LONG_TESTS=1 runs many more, for releases."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# The duration of an example depends on the machine, so it has no limit.
settings.register_profile("short", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", parent=settings.get_profile("short"), max_examples=2_000)
settings.load_profile("long" if os.environ.get("SNAKEPIT_LONG_TESTS") == "1" else "short")
