"""Checks of pydantic models, dataclasses, types and constraints, by pydantic itself in strict mode.

Strict mode does not convert strings to integers, but it does not convert them to paths or members of enumerations
either, which arrive as strings. So our own checks first convert the values, field by field, if they accept them.
Pydantic then receives values of the annotated types, or values that it rejects. A "before" validator receives the
original value if our checks reject it.

Pydantic is never imported: if a class of pydantic exists, pydantic is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..._libraries import if_loaded
from .annotations import annotated
from .checker import Check, Checker, guarded
from .literals import literal_tags
from .mismatch import Mismatch, key_step, names_secret

_MISSING = frozenset({"missing", "missing_argument", "missing_keyword_only_argument"})
_BY_VALIDATOR = frozenset({"value_error", "assertion_error"})


def is_model(kind: Any) -> bool:
    """Whether a class is a pydantic model."""
    pydantic = if_loaded("pydantic")
    return pydantic is not None and hasattr(pydantic, "TypeAdapter") and issubclass(kind, pydantic.BaseModel)


def is_pydantic_dataclass(kind: Any) -> bool:
    """Whether a class is a pydantic dataclass."""
    return "__pydantic_validator__" in vars(kind) and hasattr(kind, "__dataclass_fields__")


def is_pydantic_type(kind: Any) -> bool:
    """Whether a class, or a part of ``Annotated[...]``, defines how pydantic validates it."""
    if if_loaded("pydantic") is None:
        return False
    if not isinstance(kind, type):
        module: str = type(kind).__module__
        return module.partition(".")[0] in ("pydantic", "pydantic_core") or is_pydantic_type(type(kind))
    return hasattr(kind, "__get_pydantic_core_schema__")


def pydantic_checker(of: Callable[[Any], Checker], kind: Any) -> Checker | None:
    """Returns the checker of a pydantic model or dataclass; ``None`` for other classes.

    Args:
        of: compiles our own check of a field, without constraints and validators, which pydantic applies itself.
        kind: the class.
    """
    if not is_model(kind) and not is_pydantic_dataclass(kind):
        return None
    fields = [(field, of(field.annotation)) for field in model_fields(kind)]
    if not is_model(kind):
        return _described(Checker(kind.__name__, pydantic_dataclass_check(kind, fields)), fields)
    root = fields[0][1] if getattr(kind, "__pydantic_root_model__", False) else None
    checker = Checker(kind.__name__, model_check(kind, fields, root), native=kind, by="hook")
    if root is None:
        return _described(checker, fields)
    checker.secret = root.secret
    return checker


def pydantic_type_checker(kind: Any) -> Checker | None:
    """Returns the checker of another class with a pydantic schema, such as ``SecretStr``; ``None`` for others."""
    if not is_pydantic_type(kind):
        return None
    secret = names_secret(kind.__name__) or any(base.__name__ == "_SecretBase" for base in kind.__mro__)
    try:
        check = adapter_check(kind, None)
    except Exception:  # pydantic may raise any exception, and so may its extensions
        return None
    checker = Checker(kind.__name__, check, secret=secret)
    return guarded(checker) if secret else checker


def _described(checker: Checker, fields: Sequence[tuple[ModelField, Checker]]) -> Checker:
    checker.keys = frozenset(key for field, _ in fields for key in (*field.keys, field.sent_as))
    checker.tags = {key: tags for field, _ in fields if (tags := literal_tags(field.annotation)) for key in field.keys}
    checker.secret = any(each.secret or names_secret(field.name) for field, each in fields)
    return checker


class ModelField(msgspec.Struct, frozen=True):
    """A field of a model, with the keys that an object may use for it."""

    name: str
    alias: str
    """The aliases by which pydantic reads it, or its name."""
    keys: tuple[str, ...]
    sent_as: str
    """The alias by which pydantic writes it, or its name."""
    annotation: Any
    init: bool


def model_fields(kind: Any) -> list[ModelField]:
    """Returns the fields of a pydantic model or dataclass."""
    if not getattr(kind, "__pydantic_complete__", True) and hasattr(kind, "model_rebuild"):
        kind.model_rebuild(raise_errors=False)
    infos: Mapping[str, Any] = getattr(kind, "__pydantic_fields__", None) or {}
    found = []
    for name, info in infos.items():
        aliases = [each for each in _aliases(info.validation_alias) if each != name]
        annotation = info.annotation
        limits = tuple(each for each in info.metadata if isinstance(each, msgspec.Meta))
        if limits:
            annotation = annotated(annotation, limits)
        found.append(
            ModelField(
                name=name,
                alias=aliases[0] if aliases else name,
                keys=tuple(dict.fromkeys([*aliases, name])),
                sent_as=info.serialization_alias or name,
                annotation=annotation,
                init=getattr(info, "init", None) is not False,
            )
        )
    return found


def model_check(kind: Any, fields: Sequence[tuple[ModelField, Checker]], root: Checker | None) -> Check:
    """Returns a check of a model.

    Args:
        kind: its class.
        fields: each field with our own check of its annotation.
        root: for a ``RootModel``, our own check of its value.
    """
    secret_keys = _secret_keys(fields)
    computed = _computed_names(kind)

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        misses: list[Mismatch] = []
        if root is not None:
            prepared = _prepared(value, root, None, misses)
        elif isinstance(value, Mapping):
            prepared = _prepared_fields(value, fields, computed, misses)
        else:
            prepared = value
        return _validated(lambda: kind.model_validate(prepared, strict=True), value, misses, secret_keys)

    return check


def pydantic_dataclass_check(kind: Any, fields: Sequence[tuple[ModelField, Checker]]) -> Check:
    """Returns a check of a pydantic dataclass, like that of its constructor but in strict mode."""
    from pydantic_core import ArgsKwargs

    secret_keys = _secret_keys(fields)
    not_given = {key for field, _ in fields if not field.init for key in field.keys}

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise Mismatch.expected("object", value)
        misses: list[Mismatch] = []
        prepared = _prepared_fields(value, fields, frozenset(not_given), misses)

        def validate() -> Any:
            instance = kind.__new__(kind)
            arguments = ArgsKwargs((), prepared)
            kind.__pydantic_validator__.validate_python(arguments, self_instance=instance, strict=True)
            return instance

        return _validated(validate, value, misses, secret_keys)

    return check


def adapter_check(annotation: Any, inner: Checker | None) -> Check:
    """Returns a check of any annotation that pydantic supports.

    Args:
        annotation: the annotation, with its constraints.
        inner: our own check of the type without them; ``None`` if only pydantic supports it.

    Raises:
        Exception: pydantic does not support it either.
    """
    adapter = _adapter(annotation)

    def check(value: Any) -> Any:
        misses: list[Mismatch] = []
        prepared = value if inner is None else _prepared(value, inner, None, misses)
        return _validated(lambda: _by_adapter(adapter, prepared, inner), value, misses, frozenset())

    return check


def _by_adapter(adapter: Any, value: Any, inner: Checker | None) -> Any:
    if inner is None and isinstance(value, str):
        # Only strict mode for JSON accepts the string form of pydantic's own types.
        return adapter.validate_json(msgspec.json.encode(value), strict=True)
    return adapter.validate_python(value, strict=True)


def model_like_check(kind: Any) -> Check:
    """Returns a check of a class that validates values itself, as pydantic models do."""

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        try:
            validated = kind.model_validate(value)
        except (ValueError, TypeError) as error:
            raise Mismatch(str(error)) from None
        if not isinstance(validated, kind):
            raise Mismatch.expected(kind.__name__, value)
        return validated

    return check


def _adapter(annotation: Any) -> Any:
    pydantic: Any = if_loaded("pydantic")
    try:
        return pydantic.TypeAdapter(annotation)
    except Exception:
        # For classes that pydantic does not support, it only checks that the value is an instance; our checks created
        # one.
        return pydantic.TypeAdapter(annotation, config=pydantic.ConfigDict(arbitrary_types_allowed=True))


def _aliases(alias: Any) -> list[str]:
    if isinstance(alias, str):
        return [alias]
    # AliasChoices has several aliases. Pydantic handles an AliasPath.
    return [each for each in getattr(alias, "choices", ()) if isinstance(each, str)]


def _computed_names(kind: Any) -> frozenset[str]:
    """Returns the names of computed fields, which pydantic writes and does not read."""
    decorators = getattr(kind, "__pydantic_decorators__", None)
    fields = {} if decorators is None else decorators.computed_fields
    return frozenset(key for name, each in fields.items() for key in (name, each.info.alias) if key)


def _secret_keys(fields: Sequence[tuple[ModelField, Checker]]) -> frozenset[str]:
    return frozenset(
        key
        for field, checker in fields
        if checker.secret or any(map(names_secret, (*field.keys, field.sent_as)))
        for key in (*field.keys, field.sent_as)
    )


def _prepared(value: Any, checker: Checker, step: str | None, misses: list[Mismatch]) -> Any:
    try:
        return checker.check(value)
    except Mismatch as mismatch:
        located = mismatch if step is None else mismatch.within(step)
        if mismatch.is_final:
            raise located from None
        misses.append(located)
        return value


def _prepared_fields(
    value: Mapping[Any, Any],
    fields: Sequence[tuple[ModelField, Checker]],
    dropped: frozenset[str],
    misses: list[Mismatch],
) -> dict[Any, Any]:
    prepared = {key: each for key, each in value.items() if key not in dropped}
    for field, checker in fields:
        if field.sent_as not in field.keys and field.sent_as in prepared:
            # By the name under which pydantic sends it, if it reads it by another name.
            sent = prepared.pop(field.sent_as)
            prepared.setdefault(field.alias, sent)
        key = next((key for key in field.keys if key in prepared), None)
        if key is not None:
            prepared[key] = _prepared(prepared[key], checker, key_step(key), misses)
    return prepared


def _validated(validate: Any, value: Any, misses: Sequence[Mismatch], secret_keys: frozenset[str]) -> Any:
    validation_error = if_loaded("pydantic_core").ValidationError
    try:
        return validate()
    except validation_error as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if misses and first["type"] not in _BY_VALIDATOR:
            raise misses[0] from None
        raise _mismatch(first, value, secret_keys) from None
    except (ValueError, TypeError) as error:
        # Constraints that are applied to a value of another type, and validators that raise TypeError.
        if misses:
            raise misses[0] from None
        raise Mismatch(str(error)) from None


def _mismatch(error: Mapping[str, Any], value: Any, secret_keys: frozenset[str]) -> Mismatch:
    """Converts a pydantic error. Its path also contains unions and validators, which are removed."""
    steps: list[str] = []
    is_secret = False
    for part in error["loc"]:
        is_secret = is_secret or (isinstance(part, str) and (part in secret_keys or names_secret(part)))
        if isinstance(value, Mapping) and part in value:
            steps.append(key_step(part))
            value = value[part]
        elif isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value):
            steps.append(f"[{part}]")
            value = value[part]
        elif error["type"] in _MISSING:
            steps.append(key_step(part))
    is_missing = error["type"] in _MISSING
    reason = "invalid value" if is_secret and not is_missing else error["msg"]
    mismatch = Mismatch(reason, is_public=is_missing)
    for step in reversed(steps):
        mismatch.within(step)
    return mismatch
