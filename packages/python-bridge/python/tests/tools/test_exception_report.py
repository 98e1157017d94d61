from __future__ import annotations

import sys
from typing import NoReturn

import pytest

from snakepit_bridge._errors.exception_report import ExceptionReport, report_exception


def raised(error: BaseException) -> BaseException:
    with pytest.raises(BaseException) as caught:
        raise error
    return caught.value


def test_an_exception_is_reported() -> None:
    report = report_exception(raised(ZeroDivisionError("division by zero")))
    assert (report.type, report.module, report.message) == ("ZeroDivisionError", "builtins", "division by zero")
    assert report.traceback.startswith("Traceback (most recent call last):\n")
    assert report.traceback.endswith("ZeroDivisionError: division by zero\n")
    assert report.notes == ()
    assert report.cause is None


def chain(error: BaseException) -> list[str]:
    report: ExceptionReport | None = report_exception(error)
    types = []
    while report is not None:
        types.append(report.type)
        report = report.cause
    return types


def test_the_chain_of_an_exception_is_reported() -> None:
    def explicit() -> NoReturn:
        try:
            {}["a"]
        except KeyError as error:
            raise ValueError("b") from error

    def implicit() -> NoReturn:
        try:
            explicit()
        except ValueError:
            raise TypeError("c")  # noqa: B904

    def suppressed() -> NoReturn:
        try:
            implicit()
        except TypeError:
            raise RuntimeError("d") from None

    chains = []
    for function in (explicit, implicit, suppressed):
        with pytest.raises(Exception) as caught:
            function()
        chains.append(chain(caught.value))
    assert chains == [["ValueError", "KeyError"], ["TypeError", "ValueError", "KeyError"], ["RuntimeError"]]


def test_a_cyclic_chain_is_reported_once() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert chain(first) == ["ValueError", "ValueError"]


def test_a_long_chain_is_truncated() -> None:
    error: BaseException = ValueError()
    for _ in range(100):
        outer = ValueError()
        outer.__cause__ = error
        error = outer
    assert len(chain(error)) == 8


@pytest.mark.skipif(sys.version_info < (3, 11), reason="add_note came with Python 3.11")
def test_notes_are_reported() -> None:
    error = ValueError("a")
    error.add_note("first")
    error.add_note("second")
    assert report_exception(error).notes == ("first", "second")


def test_an_exception_whose_str_raises_is_reported() -> None:
    class RudeError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    report = report_exception(raised(RudeError()))
    assert report.message == "(its message is not available: RuntimeError)"
    assert "RudeError" in report.traceback


def test_lone_surrogates_are_replaced() -> None:
    assert report_exception(ValueError("\ud800")).message == "\\ud800"


def test_the_size_of_a_report_is_bounded() -> None:
    report = report_exception(raised(ValueError("x" * 1_000_000)))
    assert len(report.message) < 20_000
    assert "characters omitted" in report.message
    assert len(report.traceback) < 70_000


def test_a_deep_recursion_is_reported() -> None:
    def recurse() -> None:
        recurse()

    with pytest.raises(RecursionError) as caught:
        recurse()
    report = report_exception(caught.value)
    assert len(report.traceback) < 70_000
    assert "RecursionError" in report.traceback


class UnreadableClass(type):
    """No attribute of its classes can be read."""

    def __getattribute__(cls, name: str) -> object:
        raise OSError(name)


class UnreadableClassError(Exception, metaclass=UnreadableClass):
    pass


class RaisingError(Exception):
    def __str__(self) -> str:
        raise UnreadableClassError


def test_an_exception_with_an_unreadable_class_is_reported_by_its_type_name() -> None:
    """H7."""
    report = report_exception(raised(UnreadableClassError("m")))
    assert (report.type, report.module, report.message) == ("UnreadableClassError", "?", "m")
    assert report_exception(raised(RaisingError())).message == "(its message is not available: UnreadableClassError)"
