"""Variables, used by blocking and async tools."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from snakepit_bridge import (
    HostError,
    NoSessionError,
    UnknownVariableError,
    VariableBatchError,
    VariableConflictError,
    VariableError,
)
from snakepit_bridge.testing import SerializationError

from .conftest import Starter
from .recording_host import RecordingHost

Of = Callable[[RecordingHost], Any]

STATE: dict[str, Any] = {
    "t": {"type": "float", "value": 0.5, "constraints": {"min": 0, "max": 2}, "metadata": {"unit": "K"}},
    "count": 3,
    "model": {"type": "choice", "value": "small", "constraints": {"choices": ["small", "large"]}},
    "weights": np.arange(6.0).reshape(2, 3),
    "on": True,
    "limit.low": 1,
    "limit.high": 9,
}


@pytest.fixture
def host(start: Starter) -> RecordingHost:
    return start(variables=STATE)


def test_values_are_read(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    assert variables.get("t") == 0.5
    assert variables.get("on") is True
    assert np.array_equal(variables.get("weights"), np.arange(6.0).reshape(2, 3))
    assert variables.get_many(["count", "nothing", "t"]) == {"count": 3, "t": 0.5}


def test_an_integral_float_is_read_as_a_float(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.set("t", 1)
    for value in (variables.get("t"), variables.get("t", fresh=True), variables.describe("t").value):
        assert (value, type(value)) == (1.0, float)


def test_the_default_replaces_a_missing_variable(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    assert variables.get("nothing", None) is None
    assert variables.get("t", None) == 0.5


def test_an_unknown_variable_is_a_key_error_and_an_attribute_error(host: RecordingHost, variables_of: Of) -> None:
    with pytest.raises(UnknownVariableError) as caught:
        variables_of(host).get("nothing")
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, AttributeError)
    assert str(caught.value) == (
        'variable "nothing" does not exist in session "s"; register it first (variables.register)'
    )
    assert (caught.value.code, caught.value.details) == (
        "INVALID_ARGUMENT",
        {"variable": "nothing", "reason": "unknown"},
    )
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


def test_values_are_written(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    assert variables.set("t", 0.75) == 2
    assert variables.set("t", 1.5, version=2) == 3
    assert host.elsewhere().variables["t"] == 1.5


def test_a_write_with_another_version_is_a_conflict(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    with pytest.raises(VariableConflictError, match='variable "t" has version 1, not 7'):
        variables.set("t", 1.0, version=7)
    assert variables.compare_and_set("t", 1.0, 7) is None
    assert variables.compare_and_set("t", 1.0, 1) == 2


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("t", "warm", "type"), ("t", 3.0, "range"), ("model", "huge", "choice"), ("count", 0.5, "type")],
)
def test_an_invalid_value_is_rejected_with_the_message_of_the_host(
    host: RecordingHost, variables_of: Of, name: str, value: Any, reason: str
) -> None:
    variables = variables_of(host)
    with pytest.raises(VariableError) as by_host:
        variables.set(name, value)
    assert host.methods == ["variables.set"]
    variables.get(name)
    with pytest.raises(VariableError) as here:
        variables.set(name, value)
    # Not sent, since the definition is cached.
    assert host.methods == ["variables.get"]
    assert str(here.value) == str(by_host.value)
    assert here.value.details == by_host.value.details == {"variable": name, "reason": reason}


def test_an_update_is_retried_after_concurrent_changes(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    elsewhere = host.elsewhere().variables
    seen = []

    def add(count: int) -> int:
        seen.append(count)
        if len(seen) < 3:
            elsewhere["count"] = count + 10
        return count + 1

    assert variables.update("count", add) == 24
    assert seen == [3, 13, 23]
    assert elsewhere.get("count", fresh=True) == 24


def test_the_function_of_an_update_does_not_wait_for_its_reservation(host: RecordingHost) -> None:
    variables = host.context().variables
    elsewhere = host.elsewhere().variables
    seen = []

    def add(count: int) -> int:
        seen.append(count)
        if len(seen) == 1:
            elsewhere["count"] = 10
        variables["t"] = 0.5
        return count + 1

    assert variables.update("count", add) == 11
    variables["t"] = 0.25
    # Those of the first attempt, of the second one, which has a reservation, and of the time after it.
    sent = [payload.get("reservation") for method, payload in host.asked if method == "variables.set"]
    assert sent == [None, None, 0, 0, None]
    assert host.closed_streams == 1


def test_an_update_whose_function_raises_writes_nothing(host: RecordingHost, variables_of: Of) -> None:
    def fail(_count: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        variables_of(host).update("count", fail)
    assert host.methods == ["variables.get"]


def test_an_update_fails_after_a_hundred_attempts(host: RecordingHost, variables_of: Of) -> None:
    elsewhere = host.elsewhere().variables

    def never(count: int) -> int:
        elsewhere["count"] = count + 1
        return 0

    with pytest.raises(VariableConflictError) as caught:
        variables_of(host).update("count", never)
    assert str(caught.value).startswith(
        'variable "count" was changed concurrently in each of 100 attempts; retry later'
    )
    assert caught.value.details == {"variable": "count", "reason": "version", "attempts": 100}
    assert elsewhere.get("count", fresh=True) == 103


def test_a_version_from_before_a_reregistration_is_rejected(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    version = variables.describe("count").version
    variables.delete("count")
    variables.register("count", "integer", 8)
    for _ in range(3):
        assert variables.compare_and_set("count", -1, version) is None
        variables.update("count", lambda count: count + 1)
    assert variables.get("count", fresh=True) == 11


def test_the_update_function_may_be_async(host: RecordingHost) -> None:
    async def add(count: int) -> int:
        return count + 1

    assert host.run(host.async_context().variables.update("count", add)) == 4


def test_variables_are_registered(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    made = variables.register("new", "integer", 1.0, constraints={"min": 0, "max": None}, metadata={"by": "test"})
    assert (made.name, made.type, made.value, made.version) == ("new", "integer", 1, 1)
    assert (made.constraints, made.metadata) == ({"min": 0}, {"by": "test"})
    assert host.methods == ["variables.register"]
    assert variables.get("new") == 1
    # It is cached.
    assert host.methods == []
    with pytest.raises(VariableError, match='variable "new" already exists in session "s"'):
        variables.register("new", "integer", 1)


def test_an_invalid_definition_is_not_sent(host: RecordingHost, variables_of: Of) -> None:
    with pytest.raises(VariableError, match="type must be one of"):
        variables_of(host).register("new", "number", 1)
    with pytest.raises(VariableError):
        variables_of(host).register("new", "integer", 5, constraints={"max": 4})
    assert host.methods == []


def test_variables_are_deleted(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.get("t")
    assert variables.delete("t", "nothing", "t") == ("t",)
    assert variables.get("t", None) is None
    assert not variables.delete("t")


def test_a_variable_is_described(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    # The variable was created before this test.
    earlier = datetime.now(timezone.utc) - timedelta(minutes=1)
    assert variables.describe("t").previous is None
    variables.set("t", 0.75)
    known = variables.describe("t")
    assert (known.name, known.type, known.value, known.version) == ("t", "float", 0.75, 2)
    assert (known.constraints, known.metadata, known.updated_by) == ({"min": 0, "max": 2}, {"unit": "K"}, "test")
    assert earlier <= known.created_at <= known.updated_at <= datetime.now(timezone.utc)
    assert (known.previous.value, known.previous.version) == (0.5, 1)
    with pytest.raises(UnknownVariableError):
        variables.describe("nothing")


def test_variables_are_listed(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    assert [each.name for each in variables.list("limit.*")] == ["limit.high", "limit.low"]
    assert [each.name for each in variables.list("?")] == ["t"]
    assert len(variables.list()) == len(STATE)


def test_a_batch_is_read_and_written(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    assert variables.set_many({"t": 1.5, "count": 4}) == {"t": 2, "count": 2}
    assert variables.set_many({}) == {}
    assert host.methods == ["variables.set"]


@pytest.mark.parametrize("is_known", [False, True])
def test_a_failed_write_does_not_prevent_the_others_of_its_batch(
    host: RecordingHost, variables_of: Of, is_known: bool
) -> None:
    variables = variables_of(host)
    if is_known:
        variables.get_many(list(STATE))
    with pytest.raises(VariableBatchError) as caught:
        variables.set_many({"t": 5, "count": 4, "nothing": 1})
    assert caught.value.versions == {"count": 2}
    assert list(caught.value.errors) == ["t", "nothing"]
    assert [type(each) for each in caught.value.errors.values()] == [VariableError, UnknownVariableError]
    assert str(caught.value).startswith('2 of 3 variables were not written: variable "t"')
    assert caught.value.details == {"variable": "t", "reason": "range"}
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (str(copied), copied.versions) == (str(caught.value), {"count": 2})
    assert host.elsewhere().variables.get_many(["t", "count"]) == {"t": 0.5, "count": 4}


@pytest.mark.parametrize("is_known", [False, True])
def test_an_atomic_batch_is_written_completely_or_not_at_all(
    host: RecordingHost, variables_of: Of, is_known: bool
) -> None:
    variables = variables_of(host)
    if is_known:
        variables.get_many(list(STATE))
    with pytest.raises(VariableError) as caught:
        variables.set_many({"count": 4, "t": 5}, atomic=True)
    assert caught.value.details == {"variable": "t", "reason": "range"}
    assert host.elsewhere().variables.get_many(["t", "count"]) == {"t": 0.5, "count": 3}
    variables.set_many({"count": 4, "t": 1}, atomic=True)
    assert host.elsewhere().variables.get_many(["t", "count"]) == {"t": 1.0, "count": 4}


def test_variables_require_a_session(start: Starter, variables_of: Of) -> None:
    host = start(None)
    for use in (
        lambda variables: variables.get("t"),
        lambda variables: variables.get("t", None),
        lambda variables: variables.get_many(["t"]),
        lambda variables: variables.set("t", 1),
        lambda variables: variables.set_many({}),
        lambda variables: variables.register("t", "float", 1.0),
        lambda variables: variables.delete("t"),
        lambda variables: variables.describe("t"),
        lambda variables: variables.list(),
        lambda variables: variables.update("t", abs),
        lambda variables: variables.watch("t"),
    ):
        with pytest.raises(NoSessionError, match="variables belong to a session, and this call was made without one"):
            use(variables_of(host))
    assert host.methods == []


def test_use_of_an_expired_session_is_a_host_error(host: RecordingHost, variables_of: Of) -> None:
    host.failures["variables.get"] = HostError("SESSION_EXPIRED", 'session "s" has expired')
    with pytest.raises(HostError, match="has expired") as caught:
        variables_of(host).get("t")
    assert caught.value.code == "SESSION_EXPIRED"


def test_too_many_variables_are_a_variable_error(host: RecordingHost, variables_of: Of) -> None:
    host.failures["variables.register"] = HostError("QUOTA_EXCEEDED", "too many", {"variable": "new", "limit": 7})
    with pytest.raises(VariableError) as caught:
        variables_of(host).register("new", "float", 1.0)
    assert (caught.value.code, caught.value.details["limit"]) == ("QUOTA_EXCEEDED", 7)


def test_names_must_be_strings(host: RecordingHost, variables_of: Of) -> None:
    with pytest.raises(TypeError, match="the name of a variable must be a str; got int"):
        variables_of(host).get(7)


def test_variables_are_used_like_a_dict_and_like_an_object(host: RecordingHost) -> None:
    variables = host.context().variables
    variables["t"] = 0.25
    assert variables["t"] == variables.t == 0.25
    variables.t = 1.25
    assert variables["t"] == 1.25
    assert "t" in variables
    assert "nothing" not in variables
    assert 7 not in variables
    assert hasattr(variables, "count")
    assert not hasattr(variables, "nothing")
    assert sorted(variables) == sorted(STATE)
    del variables["t"]
    assert "t" not in variables
    with pytest.raises(KeyError):
        del variables["t"]
    host.asked.clear()
    assert not hasattr(variables, "__array__")
    assert not hasattr(variables, "_ipython_display_")
    assert host.methods == []


def test_async_variables_cannot_be_used_like_a_dict(host: RecordingHost) -> None:
    variables: Any = host.async_context().variables
    with pytest.raises(TypeError):
        variables["t"]
    with pytest.raises(TypeError):
        "t" in variables  # noqa: B015
    with pytest.raises(AttributeError):
        variables.t = 1


def test_values_that_cannot_be_sent_are_errors_with_the_path(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    with pytest.raises(SerializationError, match=r'^variable "on": cannot send object'):
        variables.set("on", object())
    with pytest.raises(SerializationError, match=r'^variable "on"\.a\[0\]: cannot send object'):
        variables.set_many({"count": 4, "on": {"a": [object()]}})
    with pytest.raises(SerializationError, match=r'^metadata of variable "new"\.why: cannot send object'):
        variables.register("new", "integer", 1, metadata={"why": object()})


def test_names_and_versions_of_other_types_are_rejected(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    with pytest.raises(TypeError, match="names must be a list of str"):
        variables.get_many("count")
    with pytest.raises(TypeError, match="the version of a variable must be an int; got str"):
        variables.set("count", 4, version="1")
    with pytest.raises(TypeError, match="the name of a variable must be a str; got int"):
        host.context().variables.watch(5)  # type: ignore[arg-type]


def test_a_variable_named_like_a_method_is_not_written_as_an_attribute(host: RecordingHost) -> None:
    variables = host.context().variables
    variables.register("list", "integer", 1)
    with pytest.raises(AttributeError, match=r"'list' is a method here; write the variable with variables\['list'\]"):
        variables.list = 2
    variables["list"] = 2
    assert variables["list"] == 2


def test_deleting_an_attribute_deletes_the_variable(host: RecordingHost) -> None:
    variables = host.context().variables
    del variables.count
    assert "count" not in variables
    with pytest.raises(UnknownVariableError, match='variable "count" does not exist'):
        del variables.count


def test_misused_variables_of_async_tools_name_the_awaited_method(host: RecordingHost) -> None:
    variables: Any = host.async_context().variables
    with pytest.raises(TypeError, match=r"await ctx\.variables\.get\('t'\)"):
        variables["t"]
    with pytest.raises(AttributeError, match=r"await ctx\.variables\.get\('t'\)"):
        _ = variables.t
    with pytest.raises(TypeError, match=r"await ctx\.variables\.set\('t', …\)"):
        variables["t"] = 1
    with pytest.raises(TypeError, match=r"await ctx\.variables\.delete\('t'\)"):
        del variables["t"]
    with pytest.raises(TypeError, match=r"use `in` with await ctx\.variables\.list\(\)"):
        _ = "t" in variables
    with pytest.raises(TypeError, match="not iterable"):
        iter(variables)
