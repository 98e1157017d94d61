"""Chooses the check of a class with named fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..._libraries import if_loaded
from .annotations import class_annotations, text_of, unqualified, variables_of
from .checker import NOT_NATIVE, Check, Checker
from .literals import literal_tags, tag_of
from .mismatch import Mismatch
from .native import knows
from .records import (
    Field,
    constructor_names,
    dataclass_init_fields,
    field_of,
    is_generated,
    is_named_tuple,
    is_typed_dict,
    named_tuple_check,
    record_check,
)

Of = Callable[[Any], Checker]
"""Compiles the annotation of a part."""


def record_checker(of: Of, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker | None:
    """Returns the checker of a class with named fields of Python, attrs or msgspec; ``None`` for other classes.

    Args:
        of: compiles the annotation of a field.
        annotation: the class with its arguments.
        kind: the class.
        arguments: the values of its type variables.
    """
    make: Callable[[Of, Any, Any, Mapping[str, Any]], Checker]
    if is_named_tuple(kind):
        make = _named_tuple
    elif issubclass(kind, msgspec.Struct):
        make = _struct
    elif hasattr(kind, "__dataclass_fields__"):
        make = _dataclass
    elif if_loaded("attr") is not None and hasattr(kind, "__attrs_attrs__"):
        make = _attrs
    else:
        return None
    return make(of, annotation, kind, class_annotations(kind, variables_of(kind, arguments)))


def typed_dict_checker(of: Of, annotation: Any, kind: Any, arguments: tuple[Any, ...]) -> Checker | None:
    """Returns the checker of a ``TypedDict``; ``None`` for other classes."""
    if not is_typed_dict(kind):
        return None
    annotations = class_annotations(kind, variables_of(kind, arguments))
    fields = []
    for name, each in annotations.items():
        _, qualifiers = unqualified(each)
        required = "NotRequired" not in qualifiers and ("Required" in qualifiers or name in kind.__required_keys__)
        fields.append(field_of(name, (name,), of(each), required=required))
    return _checker(annotation, fields, record_check(fields, dict), annotations, native=True)


def _named_tuple(of: Of, annotation: Any, kind: Any, annotations: Mapping[str, Any]) -> Checker:
    fields = [
        field_of(name, (name,), of(annotations.get(name, Any)), required=name not in kind._field_defaults)
        for name in kind._fields
    ]
    return _checker(annotation, fields, named_tuple_check(kind, fields), annotations, native=False)


def _struct(of: Of, annotation: Any, kind: Any, annotations: Mapping[str, Any]) -> Checker:
    config = kind.__struct_config__
    fields = [
        field_of(each.name, (each.encode_name,), of(annotations.get(each.name, each.type)), required=each.required)
        for each in msgspec.structs.fields(kind)
    ]
    if config.array_like:
        return _checker(annotation, fields, named_tuple_check(kind, fields), annotations, native=True)
    tag = () if config.tag is None else (config.tag_field,)
    check = record_check(fields, kind, forbid_unknown=config.forbid_unknown_fields, others=tag)
    checker = _checker(annotation, fields, check, annotations, native=True)
    if config.tag is not None:
        checker.tags = {config.tag_field: frozenset({tag_of(config.tag)})}
        checker.keys = frozenset({*(checker.keys or ()), config.tag_field})
        checker.check = _tagged(check, config.tag_field, config.tag)
    return checker


def _dataclass(of: Of, annotation: Any, kind: Any, annotations: Mapping[str, Any]) -> Checker:
    declared = dataclass_init_fields(kind)
    generated = is_generated(kind.__init__)
    accepted = None if generated else constructor_names(kind)
    fields = [
        field_of(
            each.name,
            (each.name,),
            of(annotations.get(each.name, each.type)),
            required=generated and each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING,
        )
        for each in declared
        if accepted is None or each.name in accepted
    ]
    # msgspec does not call the constructor of dataclasses, and passes no arguments to __post_init__.
    native = generated and {each.name for each in declared} == {each.name for each in dataclasses.fields(kind)}
    return _checker(annotation, fields, _instance_or(kind, record_check(fields, kind)), annotations, native=native)


def _attrs(of: Of, annotation: Any, kind: Any, annotations: Mapping[str, Any]) -> Checker:
    """Returns the checker of an attrs class. Values that do not match are passed to the converter of a field."""
    fields = []
    for each in kind.__attrs_attrs__:
        if not each.init:
            continue
        alias = getattr(each, "alias", None) or each.name.lstrip("_")
        checker = of(annotations.get(each.name, Any if each.type is None else each.type))
        required = each.default is if_loaded("attr").NOTHING
        by_class = each.converter is not None
        fields.append(field_of(alias, (each.name, alias), checker, required=required, by_class=by_class))
    return _checker(annotation, fields, _instance_or(kind, record_check(fields, kind)), annotations, native=False)


def _checker(
    annotation: Any, fields: Sequence[Field], check: Check, annotations: Mapping[str, Any], *, native: bool
) -> Checker:
    is_native = native and all(field.checker.is_native for field in fields) and knows(annotation)
    return Checker(
        text_of(annotation),
        check,
        native=annotation if is_native else NOT_NATIVE,
        by="parts",
        keys=frozenset(key for field in fields for key in field.keys),
        tags={field.keys[0]: tags for field in fields if (tags := literal_tags(annotations.get(field.keys[0])))},
        secret=any(field.checker.secret for field in fields),
    )


def _tagged(check: Check, field: str, tag: Any) -> Check:
    def check_tag(value: Any) -> Any:
        if isinstance(value, Mapping) and value.get(field, tag) != tag:
            raise Mismatch(f"must be {tag!r}").within(f".{field}")
        return check(value)

    return check_tag


def _instance_or(kind: Any, check: Check) -> Check:
    def check_instance(value: Any) -> Any:
        return value if isinstance(value, kind) else check(value)

    return check_instance
