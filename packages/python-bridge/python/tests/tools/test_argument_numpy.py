import dataclasses
import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from .argument_checks import bound, rejection, unchecked


@dataclasses.dataclass
class Reading:
    at: np.datetime64
    value: np.float32


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (np.int64, 1.5),
        (np.int64, True),
        (np.int64, 2**63),
        (np.int64, "1"),
        (np.uint8, 300),
        (np.uint8, -1),
        (np.int8, 128),
        (np.float32, 1e300),
        (np.float32, True),
        (np.float16, 70000),
        (np.float64, 10**400),
        (np.float64, "1.5"),
        (np.complex64, 1e300j),
        (np.bool_, 1),
        (np.str_, 1),
        (np.datetime64, 5),
        (np.datetime64, "yesterday"),
        (np.timedelta64, 5),
        (np.integer, 1.5),
        (np.number, "x"),
        (np.dtype, "float33"),
    ],
)
def test_a_value_that_cannot_become_the_scalar_is_rejected(annotation: Any, value: Any) -> None:
    assert "argument 'value' must be numpy." in rejection(annotation, value)
    assert " at value[1]" in rejection(list[annotation], [*_right(annotation), value])


def _right(annotation: Any) -> list[Any]:
    samples = {np.str_: "x", np.datetime64: "2024-01-01", np.dtype: "int8", np.bool_: False}
    return [datetime.timedelta(1) if annotation is np.timedelta64 else samples.get(annotation, 1)]


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (np.int64, 1, np.int64(1)),
        (np.uint8, 255, np.uint8(255)),
        (np.float32, 1, np.float32(1)),
        (np.float32, float("inf"), np.float32("inf")),
        (np.complex128, 1.5, np.complex128(1.5)),
        (np.bool_, True, np.True_),
        (np.str_, "x", np.str_("x")),
        (np.bytes_, b"x", np.bytes_(b"x")),
        (np.datetime64, datetime.date(2024, 1, 2), np.datetime64("2024-01-02")),
        (np.datetime64, "2024-01-02T03", np.datetime64("2024-01-02T03")),
        (
            np.datetime64,
            datetime.datetime(2024, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
            np.datetime64("2024-01-02T02"),
        ),
        (np.timedelta64, datetime.timedelta(seconds=1), np.timedelta64(1, "s")),
        (np.integer, 1, np.int64(1)),
        (np.floating, 1.5, np.float64(1.5)),
        (np.number, 1.5, np.float64(1.5)),
        (np.dtype, "float32", np.dtype("float32")),
    ],
)
def test_a_value_becomes_the_scalar(annotation: Any, value: Any, expected: Any) -> None:
    got = bound(annotation, value)
    assert got == expected
    assert type(got) is type(expected)
    assert type(bound(list[annotation], [value])[0]) is type(expected)


def test_scalars_within_containers_and_classes_are_checked() -> None:
    assert rejection(list[np.int32], [1, 1.9]).endswith("Expected int32, got float at value[1]")
    assert bound(Reading, {"at": "2024-01-01", "value": 1}) == Reading(np.datetime64("2024-01-01"), np.float32(1))
    assert rejection(Reading, {"at": "2024-01-01", "value": 1e300}).endswith("out of its range at value.value")
    assert bound(np.int64 | str, 5) == np.int64(5)
    assert rejection(np.int64 | None, 1.5).endswith("got float (1.5)")


def test_an_array_is_converted_to_the_annotated_type_without_loss() -> None:
    doubles = np.arange(3.0)
    assert bound(npt.NDArray[np.float64], doubles) is doubles
    assert bound(npt.NDArray[Any], doubles) is doubles
    assert bound(npt.NDArray[np.floating], doubles) is doubles
    converted = bound(npt.NDArray[np.float64], doubles.astype(np.float32))
    assert converted.dtype == np.float64
    assert converted.tolist() == [0.0, 1.0, 2.0]
    assert "Expected array of float32, got array of float64" in rejection(npt.NDArray[np.float32], doubles)
    assert "Expected array of integer, got array of float64" in rejection(npt.NDArray[np.integer], doubles)
    assert "got array of float64 at value.a" in rejection(dict[str, npt.NDArray[np.int64]], {"a": doubles})


@pytest.mark.parametrize(
    "value", [[1.0, 2.0], (1.0, 2.0), {"0": 1.0, "1": 2.0}, b"\1\2"], ids=lambda value: type(value).__name__
)
def test_elements_that_are_not_an_array_are_rejected_with_the_remedy(value: Any) -> None:
    message = rejection(npt.NDArray[np.float64], value)
    assert message.endswith(f"Expected ndarray, got {type(value).__name__}; send a typed array or ndarray()")


def test_array_like_parameters_are_reported_as_unchecked() -> None:
    assert unchecked(npt.ArrayLike) is not None
    assert unchecked(npt.NDArray[np.float64]) is None
