"""The cases of variables that both languages share, and the verdict of Python on one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from values.notation import from_notation, to_notation

from snakepit_bridge._session.variable_types import check_variable, define_variable
from snakepit_bridge._session.variable_types.variable_error import VariableError

_FILE = Path(__file__).parents[4] / "sessions" / "vectors" / "variables.json"


def read_variable_vectors() -> list[dict[str, Any]]:
    """Return the cases."""
    vectors: list[dict[str, Any]] = json.loads(_FILE.read_text("utf-8"))
    return vectors


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Define the variable ``x`` of a case, check its value if it has one, and say what came of it."""
    constraints = case.get("constraints")
    if constraints is not None:
        constraints = {name: from_notation(value) for name, value in constraints.items()}
    try:
        definition = define_variable("x", from_notation(case["type"]), constraints)
        if "value" not in case:
            return {"defines": {name: to_notation(value) for name, value in definition.constraints.items()}}
        value = from_notation(case["value"])
        kept = check_variable(definition.type, definition.constraints, value, "x")
    except VariableError as error:
        assert (error.code, error.details["variable"]) == ("INVALID_ARGUMENT", "x")
        return {"error": {"message": str(error), **{k: v for k, v in error.details.items() if k != "variable"}}}
    # What numbers are kept in is not what is compared.
    return {"keeps": to_notation(kept if isinstance(kept, (str, bool, int, float)) else np.asarray(kept))}
