"""Parses docstrings in the Google, NumPy and Sphinx styles."""

from __future__ import annotations

import inspect
import re

import msgspec

_google_heading = re.compile(r"(Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Other Parameters):\s*")
_google_entry = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_numpy_heading = re.compile(r"(Parameters|Other Parameters)\s*")
_numpy_entry = re.compile(r"(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?")
_sphinx_entry = re.compile(r":(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)")


class Docstring(msgspec.Struct):
    """The contents of a docstring."""

    summary: str = ""
    """The first paragraph, on one line."""
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    """The description of each parameter, on one line."""


def parse_docstring(text: str | None) -> Docstring:
    """Parses a docstring. Of one in an unknown style, only the summary is returned."""
    if not text or not text.strip():
        return Docstring()
    lines = inspect.cleandoc(text).splitlines()
    parsed = Docstring(summary=_summary(lines))
    index = 0
    while index < len(lines):
        line = lines[index]
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if _google_heading.fullmatch(line):
            index = _read_entries(lines, index + 1, _google_entry, parsed)
        elif _numpy_heading.fullmatch(line) and following.strip() and not following.strip(" -"):
            index = _read_entries(lines, index + 2, _numpy_entry, parsed)
        elif match := _sphinx_entry.fullmatch(line.strip()):
            description, index = _continued(lines, index + 1, _indent(line))
            parsed.parameters[match[1]] = _join([match[2], *description])
        else:
            index += 1
    return parsed


def _summary(lines: list[str]) -> str:
    paragraph = []
    for line in lines:
        if not line.strip() or _sphinx_entry.fullmatch(line.strip()) or _google_heading.fullmatch(line):
            break
        paragraph.append(line)
    return _join(paragraph)


def _read_entries(lines: list[str], index: int, entry: re.Pattern[str], parsed: Docstring) -> int:
    """Reads the entries of a section, which are indented like the first one. Returns the index after the section."""
    depth: int | None = None
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
            continue
        depth = _indent(line) if depth is None else depth
        # Google-style entries are indented below their heading. NumPy's are not: the next heading ends the section.
        if _indent(line) < depth or (entry is _google_entry and depth == 0) or _is_underlined(lines, index):
            break
        match = entry.fullmatch(line.strip())
        description, index = _continued(lines, index + 1, depth)
        if match is not None:
            first = match[2] if entry is _google_entry else ""
            for name in match[1].split(","):
                parsed.parameters[name.strip(" *")] = _join([first, *description])
    return index


def _is_underlined(lines: list[str], index: int) -> bool:
    following = lines[index + 1].strip() if index + 1 < len(lines) else ""
    return len(following) > 2 and not following.strip("-")


def _continued(lines: list[str], index: int, depth: int) -> tuple[list[str], int]:
    """Returns the following lines that are indented deeper than their entry."""
    found = []
    while index < len(lines) and (not lines[index].strip() or _indent(lines[index]) > depth):
        found.append(lines[index])
        index += 1
    return found, index


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _join(lines: list[str]) -> str:
    return " ".join(stripped for line in lines if (stripped := line.strip()))
