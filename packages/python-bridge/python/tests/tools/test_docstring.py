from __future__ import annotations

import pytest

from snakepit_bridge._tools.docstring import parse_docstring

GOOGLE = """Scores a document
over two lines.

More of it.

Args:
    text (str): What is scored.
    weights (dict[str, float], optional): How much
        each word counts,
        in total.
    *rest: More documents.
    **more: Whatever: even this.

Returns:
    The score: a number.

Raises:
    ValueError: never.
"""

NUMPY = """Scores a document.

Parameters
----------
text : str
    What is scored.
low, high : float
    Bounds.
*rest
    More documents.

Returns
-------
float
    The score.
"""

SPHINX = """Scores a document.

:param text: What is scored.
:param dict weights: How much
    each word counts.
:type text: str
:returns: The score.
"""


@pytest.mark.parametrize(
    ("text", "summary", "parameters"),
    [
        (
            GOOGLE,
            "Scores a document over two lines.",
            {
                "text": "What is scored.",
                "weights": "How much each word counts, in total.",
                "rest": "More documents.",
                "more": "Whatever: even this.",
            },
        ),
        (
            NUMPY,
            "Scores a document.",
            {"text": "What is scored.", "low": "Bounds.", "high": "Bounds.", "rest": "More documents."},
        ),
        (SPHINX, "Scores a document.", {"text": "What is scored.", "weights": "How much each word counts."}),
        ("Only this.", "Only this.", {}),
        (None, "", {}),
        ("   \n ", "", {}),
        ("Sum.\n\nArgs:\n\n    a: First.\n\n    b: Second.\n", "Sum.", {"a": "First.", "b": "Second."}),
        ("Sum.\n\nArgs:\nnot indented: nothing", "Sum.", {}),
    ],
)
def test_all_docstring_styles_are_parsed(text: str | None, summary: str, parameters: dict[str, str]) -> None:
    parsed = parse_docstring(text)
    assert parsed.summary == summary
    assert parsed.parameters == parameters
