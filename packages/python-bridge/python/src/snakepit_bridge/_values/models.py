"""Pydantic models and dataclasses, which are sent under names that the same class can read.

Values that have a form on the wire are sent as such. Others are converted as by ``model_dump(mode="json")``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from .unsendable import UnsendableError

if TYPE_CHECKING:
    from collections.abc import Callable

    IsSendable = Callable[[type], bool]

_ATOMS: Final = frozenset({type(None), bool, int, float, str, bytes})
_SEQUENCES: Final = frozenset({list, tuple})
_SETS: Final = frozenset({set, frozenset})


def find_model_conversion(kind: Any, is_sendable: IsSendable) -> Callable[[Any], Any] | None:
    """Returns the conversion of instances of a pydantic class; ``None`` for other classes."""
    plan = _plan_of(kind)
    if plan is None:
        return _overridden_dump(is_sendable) if callable(getattr(kind, "model_dump", None)) else None
    dump = getattr(kind, "model_dump", None)
    if dump is not None and not dump.__module__.startswith("pydantic."):
        return _overridden_dump(is_sendable)
    dumper = _Dumper(is_sendable)

    def convert(value: Any) -> Any:
        dumped = value.__pydantic_serializer__.to_python(value, by_alias=False)
        return dumper.named(value, dumped)

    return convert


def _overridden_dump(is_sendable: IsSendable) -> Callable[[Any], Any]:
    """Returns the result of an overridden ``model_dump`` unchanged: its author chose the names."""
    dumper = _Dumper(is_sendable)
    return lambda value: dumper.sendable(value.model_dump())


class _Plan:
    """The plan for dumping instances of one class.

    Attributes:
        names: for each field, the keys that lead to it in the sent value; several for an ``AliasPath``.
        dropped: computed fields that the class would reject or misread.
        is_root: whether the class is a ``RootModel``.
        is_custom: whether a serializer of the whole model produces the dump.
        custom_fields: fields with their own serializers.
        keeps_names: whether the dump by field names is sent.
    """

    __slots__ = ("custom_fields", "dropped", "is_custom", "is_root", "keeps_names", "names")

    def __init__(self, kind: Any, fields: dict[str, Any]) -> None:
        config = getattr(kind, "model_config", None) or getattr(kind, "__pydantic_config__", None) or {}
        decorators = kind.__pydantic_decorators__
        self.is_root = bool(getattr(kind, "__pydantic_root_model__", False))
        self.is_custom = bool(decorators.model_serializers)
        self.names = {name: _sent_names(name, field, fields, config) for name, field in fields.items()}
        rejects_computed = config.get("extra") in {"allow", "forbid"}
        self.dropped = frozenset(decorators.computed_fields) if rejects_computed else frozenset()
        self.keeps_names = not self.dropped and all(path == (name,) for name, path in self.names.items())
        self.custom_fields = frozenset(
            name for serializer in decorators.field_serializers.values() for name in serializer.info.fields
        )


_MOST_PLANS: Final = 1000
_plans: Final[dict[type, _Plan | None]] = {}


def _plan_of(kind: Any) -> _Plan | None:
    if kind in _plans:
        return _plans[kind]
    fields: Any = getattr(kind, "__pydantic_fields__", None)
    if fields is None:
        fields = getattr(kind, "model_fields", None)
    is_complete = hasattr(kind, "__pydantic_serializer__") and hasattr(kind, "__pydantic_decorators__")
    plan = _Plan(kind, fields) if is_complete and isinstance(fields, dict) else None
    if len(_plans) >= _MOST_PLANS:
        _plans.clear()
    _plans[kind] = plan
    return plan


def _sent_names(name: str, field: Any, fields: dict[str, Any], config: Any) -> tuple[str, ...]:
    """Returns the keys under which the class reads the field."""
    paths = _alias_paths(field.validation_alias if field.validation_alias is not None else field.alias)
    by_name = bool(config.get("validate_by_name") or config.get("populate_by_name"))
    by_alias = config.get("validate_by_alias") is not False
    readable = paths if by_alias else []
    if not paths or by_name:
        # A class that also reads by alias does so first, and would read the field of that name in place of this one.
        ambiguous = any(path[0] in fields and path[0] != name for path in readable)
        readable = [*readable, (name,)] if ambiguous else [(name,), *readable]
    chosen = (field.serialization_alias,)
    if config.get("serialize_by_alias") and chosen in readable:
        return chosen
    if readable and readable[0] != (name,) and chosen in readable:
        return chosen
    for path in [*(path for path in readable if len(path) == 1), *readable]:
        if all(isinstance(step, str) for step in path):
            return path
    return ()


def _alias_paths(alias: Any) -> list[tuple[Any, ...]]:
    """Returns the paths to a value: one key for a plain alias, several for an ``AliasPath``."""
    if alias is None:
        return []
    if isinstance(alias, str):
        return [(alias,)]
    if hasattr(alias, "choices"):
        return [path for choice in alias.choices for path in _alias_paths(choice)]
    return [tuple(alias.path)]


class _Dumper:
    """Walks a value and its dump in parallel."""

    __slots__ = ("_is_sendable",)

    def __init__(self, is_sendable: IsSendable) -> None:
        self._is_sendable = is_sendable

    def named(self, value: Any, dumped: Any) -> Any:  # noqa: PLR0911 - one answer for each kind of class
        """Returns the dump with names that the class reads, and with parts without a form on the wire replaced."""
        kind = type(value)
        if kind in _ATOMS:
            return dumped if type(dumped) in _ATOMS else self.sendable(dumped)
        plan = _plan_of(kind)
        if plan is not None and not plan.is_custom:
            if plan.is_root:
                return self.named(value.root, dumped)
            if type(dumped) is dict:
                return self._named_fields(value, dumped, plan)
        elif type(dumped) is dict:
            if isinstance(value, dict) and len(value) == len(dumped):
                pairs = zip(value.values(), dumped.items(), strict=True)
                return {self.sendable(key): self.named(part, element) for part, (key, element) in pairs}
            if plan is None and hasattr(kind, "__dataclass_fields__"):
                return {key: self.named(getattr(value, key, element), element) for key, element in dumped.items()}
        elif type(dumped) in _SEQUENCES and isinstance(value, (list, tuple)) and len(value) == len(dumped):
            return [self.named(part, element) for part, element in zip(value, dumped, strict=True)]
        return self.sendable(dumped)

    def sendable(self, dumped: Any) -> Any:
        """Returns the dump with parts that have no form on the wire replaced by pydantic's JSON form."""
        kind = type(dumped)
        if kind in _ATOMS:
            return dumped
        if kind is dict:
            return {self.sendable(key): self.sendable(element) for key, element in dumped.items()}
        if kind in _SEQUENCES:
            parts = [self.sendable(element) for element in dumped]
            return tuple(parts) if kind is tuple else parts
        if kind in _SETS:
            return dumped if all(map(self._is_sendable, set(map(type, dumped)))) else kind(map(self.sendable, dumped))
        return dumped if self._is_sendable(kind) else _json_of(dumped)

    def _named_fields(self, value: Any, dumped: dict[str, Any], plan: _Plan) -> dict[str, Any]:
        if plan.keeps_names and _ATOMS.issuperset(map(type, dumped.values())):
            return dumped
        sent: dict[str, Any] = {}
        for name, element in dumped.items():
            keys = plan.names.get(name)
            if keys is None:
                if name not in plan.dropped:
                    sent[name] = self.named(getattr(value, name, element), element)
                continue
            if not keys:
                raise UnsendableError(
                    f"the field {name} of {type(value).__qualname__}, which is read by its position in a list",
                    "set validate_by_name=True in its model_config",
                )
            place = sent
            for key in keys[:-1]:
                place = place.setdefault(key, {})
            place[keys[-1]] = self._named_field(value, name, element, plan)
        return sent

    def _named_field(self, value: Any, name: str, element: Any, plan: _Plan) -> Any:
        if type(element) not in _ATOMS and type(element) is not dict and type(element) not in _SEQUENCES | _SETS:
            # A JSON serializer of the field takes precedence over pydantic's general one.
            return element if self._is_sendable(type(element)) else _json_of_field(value, name, element)
        return self.sendable(element) if name in plan.custom_fields else self.named(getattr(value, name), element)


def _json_of(value: Any) -> Any:
    """Returns pydantic's JSON form, or the value itself without one; the encoder then rejects it."""
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    if isinstance(value, os.PathLike):
        # Pydantic serializes pure paths only as fields.
        return os.fspath(value)
    try:
        return to_jsonable_python(value)
    except PydanticSerializationError:
        return value


def _json_of_field(model: Any, name: str, value: Any) -> Any:
    from pydantic_core import PydanticSerializationError

    try:
        dumped = model.__pydantic_serializer__.to_python(model, mode="json", include={name}, by_alias=False)
    except PydanticSerializationError:
        return value
    return dumped[name]
