"""The vectors that both languages share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[4] / "bridge-proto" / "vectors"


def read_vectors(name: str) -> list[dict[str, Any]]:
    """Returns the vectors of one file."""
    vectors: list[dict[str, Any]] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return vectors
