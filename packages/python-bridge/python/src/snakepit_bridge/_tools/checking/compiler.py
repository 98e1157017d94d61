"""Compiles annotations to checkers, once, when the tool is loaded."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import enum
import types
import typing
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from .annotations import Unresolved, annotated, substitute, text_of, unqualified, variables_of
from .checker import NOT_NATIVE, Checker, Recursion, anything
from .constraints import constrained, is_annotated_type
from .containers import container_checker, container_subclass_checker
from .enums import enum_check, is_native_enum
from .literals import literal_check
from .mismatch import Mismatch, names_secret
from .native import REJECTIONS, converter, knows, native_check
from .numpy_types import numpy_checker
from .pydantic_types import adapter_check, is_pydantic_type, model_like_check, pydantic_checker, pydantic_type_checker
from .record_classes import record_checker, typed_dict_checker
from .standard_types import date_check, instance_check, is_of_the_wire, scalar_base, standard_check, subclass_check
from .unions import union_check

_NATIVE = frozenset(
    {
        bool,
        int,
        float,
        str,
        bytes,
        bytearray,
        memoryview,
        datetime.datetime,
        datetime.date,
        datetime.time,
        datetime.timedelta,
        uuid.UUID,
        decimal.Decimal,
    }
)
_UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))
_SPELLED = {"LiteralString": str}


class Compiler:
    """Creates the checkers of the parameters of one tool."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, bool], Checker] = {}
        self._for_pydantic = False
        self._hooks: dict[Any, Checker] = {}
        self._notes: list[str] = []

    def compile(self, annotation: Any) -> tuple[Checker, str | None]:
        """Returns the checker of an annotation, and the reason if it accepts every value or none that can be sent."""
        self._notes = []
        self._known = {}
        checker = self._of(annotation)
        if checker.check is anything and not self._notes:
            self._notes.append(f"{checker.text} accepts every value")
        if checker.is_native and not knows(checker.native):
            checker.native = NOT_NATIVE
        return checker, "; ".join(dict.fromkeys(self._notes)) or None

    def hook(self, expected: Any, value: Any) -> Any:
        """Converts a value to a class that msgspec does not support. Called by msgspec."""
        checker = self._hooks.get(expected)
        if checker is None:
            raise Mismatch.expected(text_of(expected), value)
        return checker.check(value)

    def _of(self, annotation: Any) -> Checker:
        annotation, _ = unqualified(annotation)
        key = (annotation, self._for_pydantic)
        try:
            known = self._known.get(key)
        except TypeError:  # it is not hashable
            return self._new(annotation)
        if known is not None:
            if isinstance(known, Recursion):
                known.used = True
            return known
        # A class that contains itself is native if the rest of it is.
        found, is_recursive = self._assuming(key, native=annotation)
        if is_recursive and not found.is_native:
            found, _ = self._assuming(key, native=NOT_NATIVE)
        return found

    def _assuming(self, key: tuple[Any, bool], *, native: Any) -> tuple[Checker, bool]:
        """Returns the checker of an annotation and whether it contains itself, in which case nativeness is assumed."""
        before = dict(self._known)
        placeholder = Recursion(text_of(key[0]), native)
        self._known[key] = placeholder
        found = self._new(key[0])
        if placeholder.used and native is not NOT_NATIVE and not found.is_native:
            self._known = before
            return found, True
        placeholder.fill_in(found)
        self._known[key] = found
        return found, placeholder.used

    @contextlib.contextmanager
    def _preparing_for_pydantic(self, preparing: bool = True) -> Iterator[None]:
        before = self._for_pydantic
        self._for_pydantic = preparing
        try:
            yield
        finally:
            self._for_pydantic = before

    def _new(self, annotation: Any) -> Checker:  # noqa: PLR0911 - one answer for each form
        if isinstance(annotation, (str, typing.ForwardRef, Unresolved)):
            return self._unresolved(annotation)
        if annotation is None or annotation is type(None):
            return Checker("None", native_check(None), native=None)
        if annotation is Any:
            return Checker("Any", anything, native=Any)
        if annotation is object:
            return self._with_native(object, Checker("object", anything, native=object, by="hook"))
        if isinstance(annotation, typing.TypeVar):
            return self._of_variable(annotation)
        origin = typing.get_origin(annotation)
        arguments = typing.get_args(annotation)
        alias = annotation if origin is None else origin
        if hasattr(alias, "__value__"):  # type X = ...
            return self._of(substitute(alias.__value__, variables_of(alias, arguments)))
        if hasattr(annotation, "__supertype__"):  # NewType
            return self._of(annotation.__supertype__)
        if origin is typing.Annotated:
            return self._of_annotated(annotation, arguments[0], annotation.__metadata__)
        if origin in _UNIONS:
            return self._of_union(annotation, arguments)
        if origin is typing.Literal:
            native = annotation if knows(annotation) else NOT_NATIVE
            return Checker(repr(annotation).replace("typing.", ""), literal_check(arguments), native=native)
        kind = annotation if origin is None else origin
        spelled = _SPELLED.get(getattr(annotation, "_name", None) or "")
        if spelled is not None:
            return self._of(spelled)
        if not isinstance(kind, type):
            self._notes.append(f"{text_of(annotation)} cannot be checked")
            return Checker(text_of(annotation), anything)
        return self._of_class(annotation, kind, arguments)

    def _unresolved(self, annotation: Any) -> Checker:
        text = (
            annotation.__forward_arg__
            if isinstance(annotation, typing.ForwardRef)
            else str(getattr(annotation, "text", annotation))
        )
        self._notes.append(f"{text} cannot be resolved when the module is loaded")
        return Checker(text, anything, secret=names_secret(text))

    def _of_variable(self, variable: Any) -> Checker:
        if variable.__constraints__:
            return self._of(typing.Union[variable.__constraints__])  # noqa: UP007 (at run time)
        if variable.__bound__ is not None:
            return self._of(variable.__bound__)
        return Checker(variable.__name__, anything, native=variable)

    def _of_annotated(self, annotation: Any, base: Any, metadata: Sequence[Any]) -> Checker:
        limits = [each for each in metadata if isinstance(each, msgspec.Meta)]
        if self._for_pydantic:
            # Pydantic applies these constraints itself, except unsupported ones.
            inner = self._of(base)
            return self._like(inner, constrained(inner, limits, is_final=True)) if limits else inner
        if any(map(is_pydantic_type, metadata)):
            return self._of_pydantic_constraints(annotation, base, metadata, limits)
        inner = self._of(base)
        if any(map(is_annotated_type, metadata)):
            return self._like(inner, constrained(inner, metadata))
        if not limits:
            return inner
        is_native = inner.native is base and knows(annotation)
        if is_native and base in _NATIVE:
            return Checker(inner.text, native_check(annotation), native=annotation)
        checker = self._like(inner, constrained(inner, limits))
        checker.native = annotation if is_native else NOT_NATIVE
        return checker

    def _of_pydantic_constraints(
        self, annotation: Any, base: Any, metadata: Sequence[Any], limits: Sequence[Any]
    ) -> Checker:
        with self._preparing_for_pydantic():
            inner = self._of(base)
        of_pydantic = [each for each in metadata if is_pydantic_type(each) or is_annotated_type(each)]
        try:
            checker = self._like(inner, adapter_check(annotated(base, of_pydantic), inner))
        except Exception as error:  # pydantic may raise any exception, and so may its extensions
            self._notes.append(f"{text_of(annotation)} is rejected by pydantic: {type(error).__name__}")
            checker = inner
        return self._like(checker, constrained(checker, limits)) if limits else checker

    @staticmethod
    def _like(inner: Checker, check: Any) -> Checker:
        return Checker(inner.text, check, keys=inner.keys, tags=inner.tags, secret=inner.secret)

    def _of_union(self, annotation: Any, arguments: Sequence[Any]) -> Checker:
        notes = list(self._notes)
        members = [self._of(each) for each in arguments]
        secret = any(each.secret for each in members)
        is_native = all(each.is_native for each in members) and knows(annotation)
        native = annotation if is_native else NOT_NATIVE
        text = " | ".join(each.text for each in members)
        if any(each.check is anything for each in members):
            self._notes = [*notes, f"{text} accepts every value"]
            return Checker(text, anything, native=native, secret=secret)
        hooked = any(each.hooked for each in members)
        return Checker(text, union_check(members), native=native, hooked=hooked, secret=secret)

    def _of_class(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        if kind in _NATIVE:
            check = native_check(kind)
            return Checker(kind.__name__, date_check(check) if kind is datetime.date else check, native=kind)
        if issubclass(kind, enum.Enum):
            return self._of_enum(kind)
        with self._preparing_for_pydantic():
            checker = pydantic_checker(self._of, kind)
        checker = checker or typed_dict_checker(self._of, annotation, kind, arguments)
        if checker is None:
            # Pydantic accepts instances of these without checks, so their fields are checked here.
            with self._preparing_for_pydantic(False):
                checker = record_checker(self._of, annotation, kind, arguments)
        checker = (
            checker
            or pydantic_type_checker(kind)
            or numpy_checker(annotation, kind, arguments)
            or container_checker(self._of, annotation, kind, arguments)
            or self._of_other(annotation, kind, arguments)
        )
        return self._with_native(annotation, checker)

    def _with_native(self, annotation: Any, checker: Checker) -> Checker:
        if checker.by == "hook":
            try:
                self._hooks[annotation] = checker
            except TypeError:  # it is not hashable
                checker.native = NOT_NATIVE
        elif checker.by == "parts" and checker.is_native:
            return self._native_first(checker)
        return checker

    def _native_first(self, checker: Checker) -> Checker:
        """Makes the checker of a container or a class with fields try msgspec before its complete check."""
        thorough = checker.check
        convert = converter(checker.native, self.hook)

        def check(value: Any) -> Any:
            try:
                return convert(value)
            except REJECTIONS:
                return thorough(value)

        checker.check = check
        return checker

    def _of_enum(self, kind: type[enum.Enum]) -> Checker:
        notes = list(self._notes)
        types_of_values = dict.fromkeys(type(member.value) for member in kind)
        values = [
            self._of(each)
            for each in types_of_values
            if each not in (str, int, float, bool, bytes, list, dict, tuple, set, frozenset, type(None), object)
            and not issubclass(each, enum.Enum)
        ]
        self._notes = notes
        native = kind if is_native_enum(kind) and knows(kind) else NOT_NATIVE
        if native is NOT_NATIVE:
            return Checker(kind.__name__, enum_check(kind, values))
        return Checker(kind.__name__, native_check(kind), native=native)

    def _of_other(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        text = text_of(annotation)
        check = standard_check(kind, arguments)
        base = None if check is not None else scalar_base(kind)
        if base is not None:
            check = subclass_check(kind, base, self._of(base).check)
        if check is not None:
            return Checker(text, check, native=annotation, by="hook")
        container = container_subclass_checker(self._of, annotation, kind, arguments)
        if container is not None:
            return container
        secret = names_secret(kind.__name__)
        if callable(getattr(kind, "model_validate", None)):
            return Checker(text, model_like_check(kind), native=annotation, by="hook", secret=secret)
        if getattr(kind, "_is_protocol", False) and not getattr(kind, "_is_runtime_protocol", False):
            self._notes.append(f"{text} is a protocol that is not runtime_checkable")
            return Checker(text, anything)
        if not is_of_the_wire(kind):
            self._notes.append(f"an argument cannot be converted to {text}")
        return Checker(text, instance_check(kind), native=annotation, by="hook", secret=secret)
