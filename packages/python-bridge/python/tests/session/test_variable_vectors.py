from __future__ import annotations

import pytest

from .variable_vectors import answer, read_variable_vectors


@pytest.mark.parametrize("case", read_variable_vectors(), ids=lambda case: case["name"])
def test_passes_the_variable_vectors(case):
    if "error" in case:
        expected = {"error": case["error"]}
    elif "value" in case:
        expected = {"keeps": case.get("keeps", case["value"])}
    else:
        expected = {"defines": case["defines"]}
    assert answer(case) == expected
