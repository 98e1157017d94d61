from __future__ import annotations

import re
from pathlib import Path

from snakepit_bridge._thread_safety import LIBRARIES

DOCUMENT = Path(__file__).parents[5] / "docs" / "thread-safety.md"
ANSWERS = {"safe": "yes", "conditional": "conditional", "unsafe": "no"}


def test_the_document_has_the_table() -> None:
    rows = re.findall(r"^\| \[.*", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [
        f"| [{each.name}]({each.source}) | {', '.join(f'`{module}`' for module in each.modules)} | "
        f"{ANSWERS[each.safety]} | {each.notes} | {each.workaround} |"
        for each in LIBRARIES
    ]
