"""Checks of unions that msgspec does not support: by a tag if the members have one, else by trying all members."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from .checker import Check, Checker
from .enums import shown
from .literals import tag_of
from .mismatch import Mismatch, key_step

_UNKNOWN_KEY = 100
_MAPPING = 50


def union_check(members: Sequence[Checker]) -> Check:
    """Returns a check that a value matches one member.

    A value that is an instance of a member is returned unchanged. An object with a tag is converted to the member with
    that tag. Otherwise all members are tried, and the member with the least conversion is chosen. If several members
    need the same conversion, the value is rejected, unless the results are equal.
    """

    # Computed on first use: a class that contains itself is not complete yet.
    @functools.cache
    def distinction() -> tuple[tuple[str, dict[Any, Checker]] | None, bool]:
        return _tags_of(members), all(member.keys is not None or member.native is None for member in members)

    def check(value: Any) -> Any:
        tags, only_records = distinction()
        if tags is not None and isinstance(value, Mapping):
            field, by_tag = tags
            if field in value:
                tag = value[field]
                tagged = by_tag.get(_hashable(tag))
                if tagged is not None:
                    return tagged.check(value)
                if only_records:
                    known = ", ".join(repr(each) for _, each in by_tag)
                    raise Mismatch(f"must be one of {known}; got {shown(tag)}").within(key_step(field))
        return _best(members, value)

    return check


def _best(members: Sequence[Checker], value: Any) -> Any:
    fits: list[tuple[int, Checker, Any]] = []
    misses: list[tuple[Checker, Mismatch]] = []
    for member in members:
        try:
            converted = member.check(value)
        except Mismatch as mismatch:
            misses.append((member, mismatch))
            continue
        distance = _distance_to(member, value, converted)
        if distance == 0:
            return converted
        fits.append((distance, member, converted))
    if isinstance(value, Mapping) and misses:
        # A member that ignores a key is not chosen if another member knows the key and rejects its value.
        known = max(_known_keys(member, value) for member, _ in misses)
        fits = [fit for fit in fits if _known_keys(fit[1], value) >= known or fit[1].keys is None]
    if not fits:
        if all(miss.of_type and not miss.has_path and not miss.members for _, miss in misses):
            raise Mismatch.expected(" | ".join(member.text for member in members), value)
        # If the value has the type of a single member, only the mismatch with that member is reported.
        near = [miss for _, miss in misses if not miss.of_type or miss.has_path or miss.members]
        if len(near) == 1:
            raise near[0]
        tried = [(member.text, miss) for member, miss in misses if member.native is not None]
        raise Mismatch("no member of the union matches", members=tried)
    least = min(distance for distance, _, _ in fits)
    best = [(member, converted) for distance, member, converted in fits if distance == least]
    first = best[0][1]
    if any(not _equal(first, converted) for _, converted in best[1:]):
        names = " and ".join(member.text for member, _ in best)
        raise Mismatch(f"matches {names} equally well; give each a field with a different Literal")
    return first


def _known_keys(member: Checker, value: Mapping[Any, Any]) -> int:
    return 0 if member.keys is None else sum(key in member.keys for key in value)


def _tags_of(members: Sequence[Checker]) -> tuple[str, dict[Any, Checker]] | None:
    """Returns the field of literals that distinguishes all classes with fields, and the class of each literal."""
    records = [member for member in members if member.keys is not None]
    if len(records) < 2:
        return None
    for field in records[0].tags:
        by_tag: dict[Any, Checker] = {}
        count = 0
        for record in records:
            for tag in record.tags.get(field, ()):
                by_tag[tag] = record
                count += 1
        if all(field in record.tags for record in records) and len(by_tag) == count:
            return field, by_tag
    return None


def _hashable(value: Any) -> Any:
    key = tag_of(value)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _distance_to(member: Checker, value: Any, converted: Any) -> int:
    if member.keys is not None and isinstance(value, Mapping):
        known = _known_keys(member, value)
        unset = max(0, len(member.keys) - known)
        return 10 + (len(value) - known) * _UNKNOWN_KEY + unset
    if isinstance(value, Mapping):
        return _MAPPING + _distance(value, converted)
    return _distance(value, converted)


def _distance(value: Any, converted: Any) -> int:  # noqa: PLR0911 - one for each type
    """Returns a measure of the conversion; 0 for an unchanged value."""
    if converted is value:
        return 0
    if type(value) is type(converted):
        return _distance_of_parts(value, converted)
    if isinstance(value, str):
        return _distance_of_text(value, converted)
    if isinstance(value, list):
        return (1 if isinstance(converted, tuple) else 3) + _distance_of_parts(value, converted)
    if isinstance(value, Mapping):
        return 10 + _distance_of_parts(value, converted)
    if isinstance(value, (set, frozenset)):
        return 1 if isinstance(converted, (set, frozenset)) else 3
    if isinstance(value, int) and type(converted) is float:
        return 1
    if isinstance(value, (bytes, bytearray)) and isinstance(converted, (bytes, bytearray)):
        return 1
    if isinstance(value, datetime.datetime) and isinstance(converted, datetime.datetime):
        return 1
    return 4


def _distance_of_parts(value: Any, converted: Any) -> int:
    if isinstance(value, Mapping) and isinstance(converted, Mapping):
        if len(value) != len(converted):
            return _UNKNOWN_KEY * abs(len(value) - len(converted))
        return sum(map(_distance, value, converted)) + sum(map(_distance, value.values(), converted.values()))
    if isinstance(value, (list, tuple)) and isinstance(converted, (list, tuple)):
        return sum(map(_distance, value, converted))
    return 0


def _distance_of_text(value: str, converted: Any) -> int:
    if isinstance(converted, str):
        return 1
    if hasattr(converted, "value"):  # a member of an enumeration
        return 2
    if hasattr(converted, "__fspath__") or hasattr(converted, "pattern"):
        # Every string is a path, and nearly every string is a regular expression.
        return 6
    try:
        exact = str(converted) == value
    except Exception:  # user code, which may raise any exception
        exact = False
    return 3 if exact else 4


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # arrays, and user classes
        return False
