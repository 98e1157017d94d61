"""``python -m snakepit_bridge compatibility``: the report about the imports of a module."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence

import msgspec

from .._tools import TargetError
from .imports import TargetNotFoundError
from .module_report import ModuleReport, report

_ANSWERS = {"pure-python": "yes (pure Python)"}


def run_command(arguments: Sequence[str]) -> int:
    """Prints the report about a module; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m snakepit_bridge compatibility",
        description="Reports whether the libraries that a module imports are safe in threads and forked workers, and "
        "support Python without its global lock. The module is not executed, unless --execute is set.",
    )
    parser.add_argument("target", metavar="MODULE_OR_FILE", help="for example ./tools.py or package.tools")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--execute", action="store_true", help="import the module too, to find what other libraries import"
    )
    options = parser.parse_args(arguments)
    try:
        # The output of the module must not become a part of the report.
        with contextlib.redirect_stdout(sys.stderr):
            found = report(options.target, execute=options.execute)
    except (TargetNotFoundError, TargetError) as error:
        if options.json:
            print(json.dumps({"error": str(error)}))
        else:
            print(error, file=sys.stderr)
        return 1
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n" if options.json else _text(found))
    return 0


def _text(found: ModuleReport) -> str:
    rows = [("library", "version", "thread-safe", "fork-safe", "free-threading")]
    for each in found.libraries:
        support = each.free_threading.support
        version = each.version or ("" if each.installed else "not installed")
        rows.append((each.name, version, each.threads.safe, each.fork.safe, _ANSWERS.get(support, support)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [f"- {each}" for each in (*found.problems, *found.recommendations)]
    return "\n".join([*lines, *([""] if notes else []), *notes, "", f"Table of {found.revised}.", ""])
