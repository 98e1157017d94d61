"""Events that tools emit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .attributes import check_mapping, check_measurements, cleaned, numbers
from .names import check_name
from .recording import current_recorder, open_span
from .sdk import add_sdk_event, sdk_tracer

_NONE: Mapping[str, Any] = {}


def emit(name: str, measurements: Mapping[str, float] = _NONE, metadata: Mapping[str, Any] = _NONE) -> None:
    """Emits an event. The host receives it as ``python.event`` before the result of the call, if anyone listens.

    In a traced call, it is also added to the current span. Events that the host filters out, and those above the limit
    of events in a second, are dropped; the host reports their number.

    Args:
        name: at most 128 letters, digits and underscores, with parts separated by one of ``. : / -``.
        measurements: numbers by name.
        metadata: strings, booleans, numbers, or lists of them by name. At most 64 are kept, strings of at most 1,024
            characters. Other values become strings.

    Raises:
        ValueError: the name violates the rule.
        TypeError: the name is not a string, a measurement is not a number, or one of the others is no mapping.

    Example:
        >>> from snakepit_bridge import emit
        >>> emit("model.loaded", {"seconds": 2.5}, {"model": "small"})
    """
    check_name("event", name)
    check_mapping("the measurements of an event", measurements)
    check_mapping("the metadata of an event", metadata)
    if measurements:
        check_measurements(measurements)
    if (recorder := current_recorder()) is not None:
        recorder.add_event(name, measurements, metadata, open_span.get())
    if sdk_tracer() is not None:
        add_sdk_event(name, {**cleaned(metadata), **numbers(measurements)})
