"""The variable vectors that both languages share, and the results of Python for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from values.notation import from_notation, to_notation

from snakepit_bridge._session.variable_types import check_pattern, check_variable, define_variable
from snakepit_bridge._session.variable_types.variable_error import VariableError

_VECTORS = Path(__file__).parents[4] / "sessions" / "vectors"


def read_variable_vectors() -> list[dict[str, Any]]:
    """Returns the variable vectors."""
    vectors: list[dict[str, Any]] = json.loads((_VECTORS / "variables.json").read_text("utf-8"))
    return vectors


def read_pattern_vectors() -> list[dict[str, Any]]:
    """Returns the pattern vectors, which the host and the pattern check for unit tests share."""
    vectors: list[dict[str, Any]] = json.loads((_VECTORS / "patterns.json").read_text("utf-8"))
    return vectors


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Defines the variable ``x`` of a vector, checks its value if it has one, and returns the result."""
    constraints = case.get("constraints")
    if constraints is not None:
        constraints = {name: from_notation(value) for name, value in constraints.items()}
    try:
        definition = define_variable("x", from_notation(case["type"]), constraints)
        if "value" not in case:
            return {"defines": {name: to_notation(value) for name, value in definition.constraints.items()}}
        value = from_notation(case["value"])
        kept = check_variable(definition.type, definition.constraints, value, "x")
        check_pattern("x", definition.constraints, kept)
    except VariableError as error:
        assert (error.code, error.details["variable"]) == ("INVALID_ARGUMENT", "x")
        return {"error": {"message": str(error), **{k: v for k, v in error.details.items() if k != "variable"}}}
    # Only the values are compared, not the types of the numbers.
    return {"keeps": to_notation(kept if isinstance(kept, (str, bool, int, float)) else np.asarray(kept))}
