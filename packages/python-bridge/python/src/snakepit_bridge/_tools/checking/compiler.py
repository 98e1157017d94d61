"""Decides which check an annotation gets: once, when the tool is loaded."""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import dataclasses
import datetime
import decimal
import enum
import functools
import re
import sys
import types
import typing
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from . import pydantic_types
from .annotations import (
    Unresolved,
    class_annotations,
    substitute,
    text_of,
    unqualified,
    variables_of,
)
from .checker import NOT_NATIVE, Checker, Recursion, anything, guarded
from .constraints import constrained, is_annotated_type
from .containers import (
    MAPPINGS,
    SEQUENCES,
    counter_check,
    default_dict_check,
    mapping_check,
    sequence_check,
    subclass_maker,
    tuple_check,
)
from .enums import enum_check, is_native_enum, literal_check
from .mismatch import Mismatch
from .native import convert, knows, native_check
from .numpy_types import numpy_check
from .records import (
    attrs_of_class,
    constructor_names,
    dataclass_init_fields,
    field_of,
    is_generated,
    is_named_tuple,
    is_typed_dict,
    named_tuple_check,
    record_check,
    struct_fields,
)
from .secrets import names_secret
from .standard_types import (
    default_factory_of,
    instance_check,
    pattern_check,
    scalar_base,
    standard_check,
    subclass_check,
)
from .unions import tag_of, union_check

if typing.TYPE_CHECKING:
    from .records import Field

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
_NOT_A_VALUE = (
    "is no class that an argument can become; annotate what is sent, for example as a dataclass, "
    "and construct it in the tool"
)


class Compiler:
    """Makes the checks of the parameters of one tool."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, bool], Checker] = {}
        self._for_pydantic = False
        self._hooks: dict[Any, Checker] = {}
        self._notes: list[str] = []

    def compile(self, annotation: Any) -> tuple[Checker, str | None]:
        """The check of an annotation, and why it is none or accepts nothing that can be sent, when that is so."""
        self._notes = []
        self._known = {}
        checker = self._of(annotation)
        if checker.check is anything and not self._notes:
            self._notes.append(f"{checker.text} accepts every value")
        if checker.is_native and not knows(checker.native):
            checker.native = NOT_NATIVE
        return checker, "; ".join(dict.fromkeys(self._notes)) or None

    def hook(self, wanted: Any, value: Any) -> Any:
        """Converts to a class that msgspec does not know; what msgspec calls."""
        checker = self._hooks.get(wanted)
        if checker is None:
            raise Mismatch.expected(text_of(wanted), value)
        return checker.check(value)

    def _of(self, annotation: Any) -> Checker:
        annotation, _ = unqualified(annotation)
        key = (annotation, self._for_pydantic)
        try:
            known = self._known.get(key)
        except TypeError:  # it cannot be hashed
            return self._new(annotation)
        if known is not None:
            if isinstance(known, Recursion):
                known.used = True
            return known
        # A class may contain itself, and then is as native as the rest of it.
        found, is_recursive = self._assuming(key, native=annotation)
        if is_recursive and not found.is_native:
            found, _ = self._assuming(key, native=NOT_NATIVE)
        return found

    def _assuming(self, key: tuple[Any, bool], *, native: Any) -> tuple[Checker, bool]:
        """The check of an annotation, and whether it contains itself: there it is assumed to be native or not."""
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

    def _new(self, annotation: Any) -> Checker:
        if isinstance(annotation, (str, typing.ForwardRef, Unresolved)):
            return self._unresolved(annotation)
        if annotation is None or annotation is type(None):
            return Checker("None", native_check(None), native=None)
        if annotation is Any:
            return Checker("Any", anything, native=Any)
        if annotation is object:
            return self._by_hook(object, anything)
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
        if self._for_pydantic:
            # Pydantic applies what stands here, once.
            return self._of(base)
        if any(map(pydantic_types.is_pydantic_type, metadata)):
            with self._preparing_for_pydantic():
                inner = self._of(base)
            of_pydantic = [
                each for each in metadata if pydantic_types.is_pydantic_type(each) or is_annotated_type(each)
            ]
            others = [each for each in metadata if isinstance(each, msgspec.Meta)]
            try:
                check = pydantic_types.adapter_check(typing.Annotated[(base, *of_pydantic)], inner)
            except Exception as error:  # pydantic's, and anyone's who extends it
                self._notes.append(f"{text_of(annotation)} is refused by pydantic ({type(error).__name__})")
                check = inner.check
            return self._like(inner, constrained(check, others))
        inner = self._of(base)
        if any(map(is_annotated_type, metadata)):
            return self._like(inner, constrained(inner.check, metadata))
        limits = [each for each in metadata if isinstance(each, msgspec.Meta)]
        if not limits:
            return inner
        if inner.native is base and knows(annotation):
            if base in _NATIVE:
                return Checker(inner.text, native_check(annotation), native=annotation)
            checker = self._like(inner, constrained(inner.check, limits))
            checker.native = annotation
            return checker
        return self._like(inner, constrained(inner.check, limits))

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
        return Checker(text, union_check(members), native=native, secret=secret)

    def _of_class(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:  # noqa: PLR0911
        if kind in _NATIVE:
            return Checker(kind.__name__, native_check(kind), native=kind)
        if issubclass(kind, enum.Enum):
            return self._of_enum(kind)
        if pydantic_types.is_model(kind):
            return self._of_model(kind)
        if pydantic_types.is_pydantic_dataclass(kind):
            return self._of_pydantic_dataclass(kind)
        if is_typed_dict(kind):
            return self._of_typed_dict(annotation, kind, arguments)
        # Pydantic accepts instances of these as they are, so that their fields are to be checked here.
        with self._preparing_for_pydantic(False):
            if is_named_tuple(kind):
                return self._of_named_tuple(kind, arguments)
            if issubclass(kind, msgspec.Struct):
                return self._of_struct(annotation, kind, arguments)
            if hasattr(kind, "__dataclass_fields__"):
                return self._of_dataclass(annotation, kind, arguments)
            if attrs_of_class(kind):
                return self._of_attrs(kind, arguments)
        if pydantic_types.is_pydantic_type(kind):
            return self._of_pydantic_type(kind)
        of_numpy = numpy_check(kind, arguments)
        if of_numpy is not None:
            return self._by_hook(annotation, of_numpy)
        return self._of_container(annotation, kind, arguments) or self._of_other(annotation, kind, arguments)

    def _by_hook(self, annotation: Any, check: Any, *, secret: bool = False) -> Checker:
        """A class that msgspec leaves to us."""
        checker = Checker(text_of(annotation), check, native=annotation, secret=secret)
        try:
            self._hooks[annotation] = checker
        except TypeError:
            checker.native = NOT_NATIVE
        return checker

    def _native_first(self, checker: Checker) -> Checker:
        """The check of a class or container of many parts: in C when all is well, else by ourselves."""
        if not checker.is_native:
            return checker
        thorough = checker.check
        native = checker.native

        def check(value: Any) -> Any:
            try:
                return convert(value, native, self.hook)
            except (msgspec.ValidationError, TypeError):
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

    def _of_model(self, kind: Any) -> Checker:
        with self._preparing_for_pydantic():
            fields = [(field, self._of(field.annotation)) for field in pydantic_types.model_fields(kind)]
        root = fields[0][1] if hasattr(kind, "__pydantic_root_model__") and kind.__pydantic_root_model__ else None
        checker = self._by_hook(kind, pydantic_types.model_check(kind, fields, root))
        self._describe_model(checker, fields if root is None else ())
        checker.secret = checker.secret or (root is not None and root.secret)
        return checker

    def _of_pydantic_dataclass(self, kind: Any) -> Checker:
        with self._preparing_for_pydantic():
            fields = [(field, self._of(field.annotation)) for field in pydantic_types.model_fields(kind)]
        checker = Checker(kind.__name__, pydantic_types.pydantic_dataclass_check(kind, fields))
        self._describe_model(checker, fields)
        return checker

    def _describe_model(self, checker: Checker, fields: Sequence[tuple[Any, Checker]]) -> None:
        if fields:
            checker.keys = frozenset(key for field, _ in fields for key in (*field.keys, field.sent_as))
        checker.tags = {key: tags for field, _ in fields if (tags := _tags(field.annotation)) for key in field.keys}
        checker.secret = any(each.secret or names_secret(field.name) for field, each in fields)

    def _of_pydantic_type(self, kind: Any) -> Checker:
        secret = names_secret(kind.__name__) or any(base.__name__ == "_SecretBase" for base in kind.__mro__)
        try:
            check = pydantic_types.adapter_check(kind, None)
        except Exception:  # pydantic's, and anyone's who extends it
            return self._of_other(kind, kind, ())
        checker = Checker(kind.__name__, check, secret=secret)
        return guarded(checker) if secret else checker

    def _of_typed_dict(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        annotations = class_annotations(kind, variables_of(kind, arguments))
        fields = []
        for name, each in annotations.items():
            _, qualifiers = unqualified(each)
            required = "NotRequired" not in qualifiers and ("Required" in qualifiers or name in kind.__required_keys__)
            fields.append(field_of(name, (name,), self._of(each), required=required))
        return self._record(annotation, fields, record_check(fields, dict), annotations, native=True)

    def _of_named_tuple(self, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        annotations = class_annotations(kind, variables_of(kind, arguments))
        fields = [
            field_of(name, (name,), self._of(annotations.get(name, Any)), required=name not in kind._field_defaults)
            for name in kind._fields
        ]
        return self._record(kind, fields, named_tuple_check(kind, fields), annotations, native=False)

    def _of_struct(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        variables = variables_of(kind, arguments)
        annotations = class_annotations(kind, variables)
        config = kind.__struct_config__
        fields = [
            field_of(
                each.name, (each.encode_name,), self._of(annotations.get(each.name, each.type)), required=each.required
            )
            for each in struct_fields(kind)
        ]
        check = record_check(fields, kind, forbid_unknown=config.forbid_unknown_fields and config.tag is None)
        checker = self._record(annotation, fields, check, annotations, native=True)
        if config.tag is not None:
            checker.tags = {config.tag_field: frozenset({tag_of(config.tag)})}
            checker.keys = frozenset({*(checker.keys or ()), config.tag_field})
            checker.check = _tagged(checker.check, config.tag_field, config.tag)
        return checker

    def _of_dataclass(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        annotations = class_annotations(kind, variables_of(kind, arguments))
        declared = dataclass_init_fields(kind)
        generated = is_generated(kind.__init__)
        accepted = None if generated else constructor_names(kind)
        fields = [
            field_of(
                each.name,
                (each.name,),
                self._of(annotations.get(each.name, each.type)),
                required=generated
                and each.default is dataclasses.MISSING
                and each.default_factory is dataclasses.MISSING,
            )
            for each in declared
            if accepted is None or each.name in accepted
        ]
        # msgspec constructs dataclasses without their constructor, and passes nothing to __post_init__.
        native = generated and {each.name for each in declared} == {each.name for each in dataclasses.fields(kind)}
        make = functools.partial(_construct_instance, kind)
        return self._record(
            annotation, fields, _instance_or(kind, record_check(fields, make)), annotations, native=native
        )

    def _of_attrs(self, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        annotations = class_annotations(kind, variables_of(kind, arguments))
        factory = sys.modules["attr"].NOTHING
        fields = []
        for each in attrs_of_class(kind):
            if not each.init:
                continue
            alias = getattr(each, "alias", None) or each.name.lstrip("_")
            checker = self._of(annotations.get(each.name, Any if each.type is None else each.type))
            by_class = each.converter is not None
            required = each.default is factory
            fields.append(field_of(alias, (each.name, alias), checker, required=required, by_class=by_class))
        return self._record(kind, fields, _instance_or(kind, record_check(fields, kind)), annotations, native=False)

    def _record(
        self, annotation: Any, fields: Sequence[Field], check: Any, annotations: Mapping[str, Any], *, native: bool
    ) -> Checker:
        # A recursive class has no native check here: msgspec has to be asked about it as a whole.
        is_native = native and all(field.checker.is_native for field in fields) and knows(annotation)
        checker = Checker(
            text_of(annotation),
            check,
            native=annotation if is_native else NOT_NATIVE,
            keys=frozenset(key for field in fields for key in field.keys),
            tags={
                field.keys[0]: tags for field in fields if (tags := _tags(annotations.get(field.keys[0]))) is not None
            },
            secret=any(field.checker.secret for field in fields),
        )
        return self._native_first(checker)

    def _of_container(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker | None:
        if kind is tuple:
            return self._of_tuple(annotation, arguments)
        make = SEQUENCES.get(kind)
        if make is not None:
            item = self._of(arguments[0] if arguments else Any)
            return self._container(annotation, sequence_check(item, make), item)
        if kind in (collections.Counter, collections.defaultdict) or kind in MAPPINGS:
            return self._of_mapping(annotation, kind, arguments)
        return None

    def _of_tuple(self, annotation: Any, arguments: tuple[Any, ...]) -> Checker:
        if arguments and arguments[-1] is not ... or annotation == tuple[()]:  # noqa: RUF021
            items = tuple(self._of(each) for each in arguments if each != ())
            return self._container(annotation, tuple_check(items), *items)
        item = self._of(arguments[0] if arguments else Any)
        return self._container(annotation, sequence_check(item, tuple), item)

    def _of_mapping(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        key = self._of(arguments[0] if arguments else Any)
        if kind is collections.Counter:
            count = self._of(int)
            return self._container(annotation, counter_check(key, count), key)
        element = arguments[1] if len(arguments) > 1 else Any
        item = self._of(element)
        if kind is collections.defaultdict:
            check = default_dict_check(key, item, default_factory_of(element))
        else:
            check = mapping_check(key, item, MAPPINGS[kind])
        return self._container(annotation, check, key, item)

    def _container(self, annotation: Any, check: Any, *parts: Checker) -> Checker:
        secret = any(part.secret for part in parts)
        kind = typing.get_origin(annotation) or annotation
        if kind in _LEFT_TO_US:
            return self._by_hook(annotation, check, secret=secret)
        native = annotation if all(part.is_native for part in parts) and knows(annotation) else NOT_NATIVE
        return self._native_first(Checker(text_of(annotation), check, native=native, secret=secret))

    def _of_other(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker:
        if issubclass(kind, re.Pattern):
            return self._by_hook(annotation, pattern_check(arguments))
        check = standard_check(kind)
        if check is not None:
            return self._by_hook(annotation, check)
        base = scalar_base(kind)
        if base is not None:
            return self._by_hook(annotation, subclass_check(kind, self._of(base).check))
        container = self._of_container_subclass(annotation, kind, arguments)
        if container is not None:
            return container
        if callable(getattr(kind, "model_validate", None)):
            return self._by_hook(annotation, pydantic_types.model_like_check(kind), secret=names_secret(kind.__name__))
        if getattr(kind, "_is_protocol", False) and not getattr(kind, "_is_runtime_protocol", False):
            self._notes.append(f"{text_of(annotation)} is a protocol that is not runtime_checkable")
            return Checker(text_of(annotation), anything)
        if not _is_abstract(kind):
            self._notes.append(
                f"{text_of(annotation)} is no class that an argument can become: only an instance is accepted"
            )
        return self._by_hook(annotation, instance_check(kind, _NOT_A_VALUE), secret=names_secret(kind.__name__))

    def _of_container_subclass(self, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker | None:
        for base in getattr(kind, "__orig_bases__", kind.__bases__):
            origin = typing.get_origin(base) or base
            if not isinstance(origin, type) or origin in (object, typing.Generic):
                continue
            found = self._of_container(
                base,
                origin,
                tuple(substitute(each, variables_of(kind, arguments)) for each in typing.get_args(base)),
            )
            if found is not None and issubclass(kind, (list, dict, set, frozenset, tuple, collections.deque)):
                make = subclass_maker(kind, anything)
                inner = found.check
                return self._by_hook(
                    annotation, _instance_or(kind, lambda value: make(inner(value))), secret=found.secret
                )
        return None


_LEFT_TO_US = frozenset(
    {
        collections.deque,
        collections.OrderedDict,
        collections.ChainMap,
        collections.Counter,
        collections.defaultdict,
        collections.abc.Container,
        collections.abc.Iterable,
        collections.abc.Iterator,
        collections.abc.Reversible,
    }
)
"""Containers that msgspec does not know."""


def _tagged(check: Any, field: str, tag: Any) -> Any:
    def check_tag(value: Any) -> Any:
        if isinstance(value, Mapping) and value.get(field, tag) != tag:
            raise Mismatch(f"must be {tag!r}").within(f".{field}")
        return check(value)

    return check_tag


def _instance_or(kind: Any, check: Any) -> Any:
    def check_instance(value: Any) -> Any:
        return value if isinstance(value, kind) else check(value)

    return check_instance


def _construct_instance(kind: Any, **fields: Any) -> Any:
    return kind(**fields)


def _tags(annotation: Any) -> frozenset[Any] | None:
    """The literals that a field may be; ``None`` when it may be anything else."""
    annotation, _ = unqualified(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return _tags(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is not typing.Literal:
        return None
    values = [each.value if isinstance(each, enum.Enum) else each for each in typing.get_args(annotation)]
    return frozenset(tag_of(each) for each in values if not isinstance(each, (list, dict, set)))


def _is_abstract(kind: Any) -> bool:
    """Whether values of the wire are instances of it, as of ``numbers.Real`` and ``Hashable``."""
    return any(_is_instance(value, kind) for value in (1, 1.5, "", b"", [], {}, datetime.datetime.min))


def _is_instance(value: Any, kind: Any) -> bool:
    try:
        return isinstance(value, kind)
    except TypeError:
        return False
