from __future__ import annotations

import array
import enum
import pickle
import subprocess
import sys
from collections import OrderedDict
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snakepit_bridge._session.variable_types import as_read, check_variable, define_variable
from snakepit_bridge._session.variable_types.variable_error import VariableError

from .variable_vectors import answer, read_variable_vectors


class Size(enum.IntEnum):
    SMALL = 1


class Name(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("type_name", "value", "kept"),
    [
        ("integer", np.int64(3), 3),
        ("integer", np.uint8(255), 255),
        ("integer", np.float32(3.0), 3),
        ("integer", Size.SMALL, 1),
        ("float", np.float32(0.5), 0.5),
        ("float", np.float64(0.1), 0.1),
        ("float", np.int8(-3), -3.0),
        ("float", Size.SMALL, 1.0),
        ("boolean", np.bool_(True), True),
        ("string", np.str_("a"), "a"),
        ("string", Name("a"), "a"),
        ("module", Name("pkg.mod"), "pkg.mod"),
    ],
)
def test_numbers_and_strings_of_other_classes_become_those_of_python(type_name, value, kept):
    result = check_variable(type_name, {}, value, "x")
    assert result == kept
    assert type(result) is type(kept)


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("integer", np.timedelta64(3, "ns")),
        ("integer", np.datetime64(3, "ns")),
        ("integer", np.bool_(True)),
        ("float", np.longdouble(0.5)),
        ("float", np.complex128(1)),
        ("boolean", np.int8(1)),
        ("tensor", np.array(["a"])),
        ("tensor", np.array([None])),
        ("tensor", np.array([(1, 2.0)], "i4,f8")),
        ("embedding", memoryview(b"ab")),
        ("embedding", array.array("u", "ab")),
        ("embedding", range(3)),
    ],
)
def test_rejects_values_that_only_look_like_numbers(type_name, value):
    with pytest.raises(VariableError) as failure:
        check_variable(type_name, {}, value, "x")
    assert failure.value.details["reason"] in {"type", "dtype"}


def test_rejects_a_lone_surrogate():
    with pytest.raises(
        VariableError, match="must be a well-formed string; got one with a lone surrogate; replace it first"
    ) as failure:
        check_variable("string", {}, "a\ud83d", "x")
    assert failure.value.details == {"variable": "x", "reason": "type"}
    with pytest.raises(VariableError, match="must be a well-formed string"):
        define_variable("x", "string", {"pattern": "\ud83d"})
    with pytest.raises(
        VariableError,
        match="choices must be well-formed strings; got one with a lone surrogate at index 1; replace it first",
    ):
        define_variable("x", "choice", {"choices": ["a", "\ud83d"]})
    with pytest.raises(VariableError, match=r'got "\\ud83d"$'):
        check_variable("choice", {"choices": ["a"]}, "\ud83d", "x")


@pytest.mark.parametrize("kind", [dict, OrderedDict, MappingProxyType])
def test_accepts_constraints_in_any_mapping(kind):
    assert define_variable("x", "integer", kind({"min": np.int64(1)})).constraints == {"min": 1}


def test_accepts_tuples_as_lists():
    assert define_variable("x", "choice", {"choices": ("a", "b")}).constraints == {"choices": ["a", "b"]}
    assert define_variable("x", "tensor", {"shape": (None, 2)}).constraints == {"shape": [None, 2]}
    assert check_variable("embedding", {}, (1, 2.5), "x") == array.array("d", [1, 2.5])


def test_arrays_that_need_no_conversion_are_not_copied():
    for value in (np.zeros(3), np.zeros(6)[::2], np.zeros(3, ">f4"), array.array("f", [1.0])):
        assert check_variable("embedding", {"dimensions": len(value)}, value, "x") is value
        assert check_variable("tensor", {"shape": [None]}, value, "x") is value


def test_names_an_infinite_number_in_an_array_of_the_module_array():
    with pytest.raises(VariableError, match="got NaN at index 1"):
        check_variable("embedding", {}, array.array("f", [1.0, float("nan")]), "x")


def test_a_float_is_read_as_a_float():
    assert type(as_read("float", 3)) is float
    assert type(as_read("integer", 3)) is int


def test_an_error_survives_pickling():
    with pytest.raises(VariableError) as failure:
        check_variable("integer", {"max": 3}, 4, "x")
    copy = pickle.loads(pickle.dumps(failure.value))  # noqa: S301
    assert (copy.code, copy.message, copy.details) == (
        "INVALID_ARGUMENT",
        'variable "x" must be at most 3; got 4',
        {"variable": "x", "reason": "range"},
    )


def test_checks_work_without_numpy():
    program = """
import sys
sys.modules["numpy"] = None
from snakepit_bridge._session.variable_types import check_variable
assert list(check_variable("embedding", {"dimensions": 2}, [1, 2.5], "x")) == [1, 2.5]
assert check_variable("integer", {}, 3, "x") == 3
"""
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603


@given(st.floats(allow_nan=False) | st.integers(-(10**25), 10**25).map(float))
def test_a_shown_float_parses_to_the_same_float(value):
    with pytest.raises(VariableError) as failure:
        check_variable("float", {"min": 1.0, "max": 0.0}, value, "x")
    shown = str(failure.value).rpartition(" ")[2]
    assert float(shown.replace("Infinity", "inf")) == value


@given(st.integers() | st.floats() | st.text() | st.booleans() | st.none() | st.lists(st.floats()))
def test_raises_only_variable_errors(value):
    for type_name in ("string", "integer", "float", "boolean", "module", "embedding", "tensor"):
        try:
            kept = check_variable(type_name, {}, value, "x")
        except VariableError as error:
            assert str(error).startswith('variable "x" ')
        else:
            again = check_variable(type_name, {}, kept, "x")
            assert repr(again) == repr(kept)


@pytest.mark.parametrize("case", read_variable_vectors(), ids=lambda case: case["name"])
def test_passes_the_variable_vectors(case):
    if "error" in case:
        expected = {"error": case["error"]}
    elif "value" in case:
        expected = {"keeps": case.get("keeps", case["value"])}
    else:
        expected = {"defines": case["defines"]}
    assert answer(case) == expected
