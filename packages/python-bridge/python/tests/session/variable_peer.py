"""The Python side of the comparison of both languages; the test that starts it is in ``packages/sessions``.

Each line of its input is a case, in JSON; each line of its output is the answer.
"""

from __future__ import annotations

import json
import sys

from .variable_vectors import answer

if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
