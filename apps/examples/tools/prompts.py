"""Programs: documents that a tool computes once and the host stores for later calls."""

from __future__ import annotations

from string import Formatter
from typing import Any

from snakepit_bridge import SessionContext, tool


@tool
def create_program(name: str, template: str) -> dict[str, Any]:
    """Compiles a prompt. The host stores the result under its program_id."""
    inputs = sorted({field for _, field, _, _ in Formatter().parse(template) if field})
    return {"program_id": name, "template": template, "inputs": inputs, "examples": []}


@tool
def add_example(name: str, example: str, ctx: SessionContext) -> int:
    """Adds an example to a program of the session; concurrent updates are not lost."""

    def with_example(program: dict[str, Any]) -> dict[str, Any]:
        return {**program, "examples": [*program["examples"], example]}

    return len(ctx.programs.update(name, with_example)["examples"])


@tool
def execute_program(program_id: str, program_data: dict[str, Any], **inputs: str) -> str:
    """Fills in a compiled prompt; the host adds program_data to the arguments."""
    missing = [name for name in program_data["inputs"] if name not in inputs]
    if missing:
        raise ValueError(f"{program_id} needs {', '.join(missing)}")
    return "\n".join([*program_data["examples"], program_data["template"].format(**inputs)])
