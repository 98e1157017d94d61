"""The first line that the host sends: what this launching program is for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

EVENT_FD = 3
"""Where events go; the host opens it."""


@dataclass(frozen=True)
class Boot:
    """What all workers of this launching program have in common."""

    method: Literal["fork", "spawn"]
    target: str
    """What the workers run: a file, a module or ``module:Class``."""
    path: tuple[str, ...]
    """Directories put before the module search path."""
    python_args: tuple[str, ...]
    """Arguments of the interpreter itself, for workers that are spawned."""
    run_id: str
    pool: str
    transport: Literal["socket", "grpc"]

    @staticmethod
    def parse(line: bytes | bytearray) -> Boot:
        """Reads the line.

        Raises:
            ValueError: it is not what the host of this version sends.
        """
        fields: Any = json.loads(line)
        try:
            return Boot(
                method=fields["method"],
                target=fields["target"],
                path=tuple(fields["path"]),
                python_args=tuple(fields["python_args"]),
                run_id=fields["run_id"],
                pool=fields["pool"],
                transport=fields["transport"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"the first line from the host is not a boot message: {error!r}") from error
