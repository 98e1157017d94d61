"""Finds the name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_MIN_SIMILARITY = 0.75
"""The ratio of :class:`difflib.SequenceMatcher`: a third of the letters of a long name, or one of four, may differ."""


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Returns the known name that is most similar to a misspelled one; ``None`` if none is similar.

    Upper and lower case and underscores make no difference: JavaScript's ``maxItems`` is Python's ``max_items``.
    """
    # Lazy, because of the start-up time: it is only needed for errors.
    from difflib import get_close_matches

    forms = {_form(each): each for each in known}
    found = get_close_matches(_form(name), forms, n=1, cutoff=_MIN_SIMILARITY)
    return forms[found[0]] if found else None


def _form(name: str) -> str:
    return name.replace("_", "").casefold()
