from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.variable_vectors import read_pattern_vectors
from snakepit_bridge._session.variable_types import check_pattern
from snakepit_bridge._session.variable_types.variable_error import VariableError

from .conftest import Starter

VECTORS = read_pattern_vectors()
ATTEMPTS = st.text("ab09,-.^$|?*+()[]{}\\/dwspux:=<!P>éAzQ🐍", max_size=10)


def matches(pattern: str, value: str) -> bool:
    try:
        check_pattern("x", {"pattern": pattern}, value)
    except VariableError as error:
        if error.details["reason"] == "pattern":
            return False
        raise
    return True


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS if each.get("standIn") != "hangs"], ids=lambda vector: vector["name"]
)
def test_a_pattern_matches_as_on_a_host_or_is_rejected(vector):
    expects_rejection = ("invalid" in vector) != (vector.get("standIn") in {"accepts", "rejects"})
    if expects_rejection:
        with pytest.raises(VariableError) as failure:
            matches(vector["pattern"], vector.get("value", ""))
        assert failure.value.details == {"variable": "x", "reason": "definition", "constraint": "pattern"}
        assert failure.value.message.startswith('variable "x": pattern must be a regular expression in RE2 syntax; got')
    elif "value" in vector:
        assert matches(vector["pattern"], vector["value"]) == vector["matches"]


@given(ATTEMPTS)
def test_a_pattern_is_rejected_only_with_a_variable_error(attempt):
    try:
        matches(attempt, "a")
    except VariableError as error:
        assert error.details["reason"] == "definition"


def test_the_error_names_syntax_that_requires_a_host():
    with pytest.raises(VariableError, match=re.escape(r'"\\pL" at character 2 is not supported in unit tests')):
        matches(r"a\pL", "a")


def test_unit_tests_check_patterns_when_a_variable_is_registered_and_set(start: Starter) -> None:
    variables = start(session_metadata={"user": "ada"}).context().variables
    variables.register("mode", "string", "fast", constraints={"pattern": "^[a-z]+$"})
    with pytest.raises(VariableError, match="must match the pattern") as failure:
        variables["mode"] = "FAST"
    assert failure.value.details["reason"] == "pattern"
    with pytest.raises(VariableError, match="RE2 syntax"):
        variables.register("other", "string", "fast", constraints={"pattern": "("})
