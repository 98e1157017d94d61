"""Values that cannot be sent or are too large, and interruptions."""

from __future__ import annotations

import asyncio
import collections.abc
import dataclasses
import enum
import pathlib
import struct
from typing import Any

import numpy as np
import pytest

from snakepit_bridge._values import SerializationError, Unsendable, decode, encode
from snakepit_bridge._values.wire_format import SET


class Model:
    pass


class Tensor:
    def __array__(self) -> Any:
        return np.zeros(1)


class Broken:
    def model_dump(self) -> Any:
        raise KeyError("no such field")


@dataclasses.dataclass
class Holder:
    held: Any


class Color(enum.Enum):
    RED = "red"


class Large(enum.Enum):
    FIRST = 2**70


HERE = __name__


def failure_of(value: Any, **options: Any) -> SerializationError:
    with pytest.raises(SerializationError) as failure:
        encode(value, **options)
    return failure.value


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def generator() -> collections.abc.Iterator[int]:
    yield 1


async def coroutine() -> None:
    """Never awaited."""


LIST = "send list(value), or make the tool a generator to stream it"
MASKED = 'send {"data": value.data, "mask": numpy.ma.getmaskarray(value)}'
UNSENDABLE: list[tuple[Any, str, str]] = [
    (Model(), f"{HERE}.Model", "send a dict or a dataclass with the needed fields"),
    (Model, f"the class {HERE}.Model", "send value.__name__"),
    (nested, f"the function {HERE}.nested", "send what it returns"),
    (str.upper, "the function str.upper", "send what it returns"),
    (generator(), "generator", LIST),
    (range(3), "range", LIST),
    ({}.keys(), "dict_keys", LIST),
    (ValueError("x"), "ValueError", "send str(value), or raise it"),
    (pathlib.PurePosixPath("/a"), f"{pathlib.PurePosixPath.__module__}.PurePosixPath", "send str(value)"),
    (Tensor(), f"{HERE}.Tensor", "send numpy.asarray(value)"),
    (np.array([object()]), "a numpy array of dtype object", "send value.tolist()"),
    (np.array(["a"]), "a numpy array of dtype <U1", "send value.tolist()"),
    (np.zeros(1, [("a", int)]), "a numpy array of dtype [('a', '<i8')]", "send {'a': value['a']}"),
    (np.ma.array([1], mask=[True]), "a masked array", MASKED),
    (
        "a\ud800",
        "a string with a lone surrogate",
        'send value.encode("utf-8", "surrogatepass")',
    ),
    (
        {Color.RED: 1, "red": 2},
        "a dict with two keys that become equal when sent, <Color.RED: 'red'> and 'red'",
        "send list(value.items())",
    ),
]


@pytest.mark.parametrize(("value", "what", "remedy"), UNSENDABLE, ids=lambda part: str(part)[:30])
def test_an_unsendable_value_is_an_error_with_path_and_remedy(value: Any, what: str, remedy: str) -> None:
    failure = failure_of({"items": [1, Holder({"a b": value})]}, root="result")
    assert failure.code == "SERIALIZATION"
    assert failure.path == 'result.items[1].held["a b"]'
    assert str(failure) == f'result.items[1].held["a b"]: cannot send {what}; {remedy}'


@pytest.mark.parametrize(("value", "what", "remedy"), UNSENDABLE, ids=lambda part: str(part)[:30])
def test_an_unsendable_value_is_replaced_by_a_mark_on_request(value: Any, what: str, remedy: str) -> None:
    encoded = encode([value, {"behind": 1}], unsendable="mark")
    mark, behind = decode(encoded.body)
    assert (type(mark), mark.what, behind) == (Unsendable, what, {"behind": 1})


def test_the_remedy_for_an_awaitable_is_to_await_it() -> None:
    running = coroutine()
    assert str(failure_of(running)) == "result: cannot send coroutine; await it first"
    running.close()
    future: asyncio.Future[None] = asyncio.Future(loop=asyncio.new_event_loop())
    assert str(failure_of(future)).endswith("; await it first")
    future.get_loop().close()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({1: Model()}, "r[1]"),
        ({None: Model()}, "r.values()[0]"),
        ({"a": 1, Model(): 1}, "r.keys()[1]"),
        ({(1, Model()): 1}, "r.keys()[0][1]"),
        ({"\ud800": 1}, 'r["\\ud800"]'),
        ({Model()}, "r[0]"),
        ((1, [Model()]), "r[1][0]"),
        ({"ä": Model()}, 'r["\\u00e4"]'),
        ({"x" * 5_000: Model()}, f'r["{"x" * 99}\\u2026"]'),
        ({10**5_000: Model()}, "r.values()[0]"),
    ],
    ids=lambda each: str(each) if isinstance(each, str) else type(each).__name__,
)
def test_the_path_includes_every_container(value: Any, path: str) -> None:
    assert failure_of(value, root="r").path == path


def test_a_value_that_contains_itself_is_rejected() -> None:
    cycle: list[Any] = []
    cycle.append({"again": cycle})
    problem = "cannot send a value that contains itself; break the cycle, for example with ids"
    assert str(failure_of(cycle)) == f"result[0].again: {problem}"
    assert decode(encode(cycle, unsendable="mark").body) == [{"again": "<a value that contains itself>"}]
    holder = Holder(None)
    holder.held = [holder]
    assert str(failure_of(holder)) == f"result.held[0]: {problem}"


def test_the_same_value_twice_is_not_a_cycle() -> None:
    shared = [1]
    assert decode(encode([shared, {"a": shared}, {1: shared}]).body) == [[1], {"a": [1]}, {1: [1]}]


def test_nesting_is_limited() -> None:
    assert decode(encode(nested(255)).body) == nested(255)
    assert decode(encode([*nested(254), {1: 2}]).body) == [*nested(254), {1: 2}]
    failure = failure_of(nested(256))
    steps = "[0]" * 10
    assert str(failure) == (f"result{steps}…{steps}: cannot send containers nested deeper than 255; flatten the value")
    assert "nested deeper" in str(failure_of(nested(100_000)))


def test_nested_sets_are_limited() -> None:
    value: Any = frozenset()
    for _ in range(100):
        value = frozenset([value])
    assert decode(encode(value).body) == value


def nested_in_sets(levels: int, arrays: int) -> bytes:
    """Returns sets in arrays in sets, encoded: each set contains this many arrays in each other."""
    body = b"\x90"
    for _ in range(levels):
        content = b"\x91" * arrays + body
        body = b"\xc9" + struct.pack(">IB", len(content), SET) + content
    return body


@pytest.mark.parametrize(("levels", "arrays"), [(5, 1_000), (50, 200), (254, 1_000), (2_000, 1)])
def test_nested_sets_cannot_exhaust_the_stack(levels: int, arrays: int) -> None:
    # Each array is a call on the C stack: the process died of some of these.
    with pytest.raises(SerializationError, match=r"nested deeper than|recursion depth"):
        decode(nested_in_sets(levels, arrays))


def test_the_nesting_of_a_set_counts_its_containers_only() -> None:
    wide = [[[number], "\x91" * 40, b"\xdd" * 300, {"a": [1.5, -1, 2**40, None, 2**80]}] for number in range(1_200)]
    value: Any = wide
    for _ in range(6):
        # A key that is no string makes it a nested map.
        value = [{(): value, 1: "ä" * 300}]
    assert decode(encode(value).body) == value


def test_deeply_nested_sets_with_large_content_are_rejected() -> None:
    value: Any = frozenset({"x" * (1 << 23)})
    for _ in range(7):
        value = frozenset([value])
    with pytest.raises(SerializationError, match="too large"):
        decode(encode(value).body)


def test_an_exception_while_reading_is_reported_with_the_path() -> None:
    failure = failure_of({"a": [Broken()]})
    assert str(failure) == "result.a[0]: cannot be read: KeyError: 'no such field'"
    assert type(failure.__cause__) is KeyError


class UndescribedError(Exception):
    def __str__(self) -> str:
        raise ValueError("no description")


@dataclasses.dataclass
class Halting:
    first: Any
    second: Any = dataclasses.field(init=False, repr=False)


class Tracing(Halting):
    @property
    def second(self) -> Any:
        raise UndescribedError

    @second.setter
    def second(self, value: Any) -> None:
        """Ignores the default."""


class Streaming(collections.abc.Mapping[str, Any]):
    def __iter__(self) -> collections.abc.Iterator[str]:
        yield "zzz"
        raise OSError("gone")

    def __len__(self) -> int:
        return 1

    def __getitem__(self, name: str) -> Any:
        return {"deep": 1}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (Tracing({"zzz": [1]}), "result.rows[1].second: cannot be read: UndescribedError"),
        ([{"zzz": 1}, Streaming()], "result.rows[1][1]: cannot be read: OSError: gone"),
        ({1: [2], "b": Broken()}, "result.rows[1].b: cannot be read: KeyError: 'no such field'"),
    ],
    ids=["a property", "an iterator", "a method"],
)
def test_the_path_of_an_exception_is_correct_after_siblings(value: Any, problem: str) -> None:
    """E3."""
    assert str(failure_of({"rows": [{"zzz": [1, {"deep": 2}]}, value]})) == problem


NAN = float("nan")


class Name(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "path", "what"),
    [
        ({float("nan"), NAN}, "result.k", "a set with two elements that become equal when sent, nan and nan"),
        ({float("nan"): 1, NAN: 2}, "result.k", "a dict with two keys that become equal when sent, nan and nan"),
        ({np.float64("nan"), NAN, 1}, "result.k", "a set with two elements that become equal when sent, "),
        ([{Color.RED, "red"}], "result.k[0]", "a set with two elements that become equal when sent, "),
        ({Color.RED: 1, Name("red"): 2, 3: 4}, "result.k", "a dict with two keys that become equal when sent, "),
        (frozenset([Large.FIRST, 2**70]), "result.k", "a set with two elements that become equal when sent, "),
    ],
    ids=lambda part: str(part)[:30],
)
def test_keys_that_become_equal_are_rejected_before_anything_is_sent(value: Any, path: str, what: str) -> None:
    """E2: with the path, both keys, and a remedy that works."""
    failure = failure_of({"k": value})
    assert failure.path == path
    assert failure.problem.startswith(f"cannot send {what}")
    container = value[0] if isinstance(value, list) else value
    followed = eval(failure.problem.rpartition("; send ")[2], {"value": container})  # noqa: S307
    assert len(decode(encode(followed).body)) == len(container)


@pytest.mark.parametrize(
    "value",
    [
        {1.5, NAN, 2.5},
        {1, "1", None, b"1", (1, "1")},
        {True, "True", 2},
        {NAN: 1, "nan": 2, "NaN": 3},
        {(NAN,), (NAN, 1)},
    ],
    ids=repr,
)
def test_keys_that_stay_different_are_sent(value: Any) -> None:
    assert len(decode(encode(value).body)) == len(value)


class Interruption(BaseException):
    """Like the Cancelled that a signal raises wherever Python is."""


class Interrupting:
    def model_dump(self) -> Any:
        raise Interruption


def test_an_interruption_propagates_unchanged() -> None:
    with pytest.raises(Interruption):
        encode([Interrupting()])
    with pytest.raises(Interruption):
        encode({1: Interrupting()})
    with pytest.raises(Interruption):
        encode([Interrupting()], unsendable="mark")


def test_the_payload_limit_counts_body_and_buffers() -> None:
    value = {"text": "x" * 100, "data": np.zeros(20_000, np.uint8)}
    size = encode(value).byte_length
    assert size > 20_100
    assert encode(value, max_bytes=size).byte_length == size
    failure = failure_of(value, max_bytes=size - 1)
    assert failure.code == "PAYLOAD_TOO_LARGE"
    assert str(failure) == (
        f"result: {size} bytes where {size - 1} are allowed; send less at a time or raise maxPayloadBytes"
    )
