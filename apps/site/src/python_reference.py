"""Writes the reference of the Python package as Markdown: one page for each public module.

``python python_reference.py FOLDER`` exits with 1 and one line for each problem when a public name has no docstring,
when a docstring links to an unknown name or describes a parameter that the signature does not have, or when pdoc warns.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pdoc.doc
import pdoc.docstrings

PACKAGE = "snakepit_bridge"
PAGES = {PACKAGE: "index.md", f"{PACKAGE}.testing": "testing.md"}

# ``typing.Any`` and ``snakepit_bridge._worker.call_context.CallContext`` are shown by their last part.
_MODULE_PATH = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])|~(?=_?[A-Z])")
_NAME_IN_CODE = re.compile(r"`([A-Za-z_]\w*)`")
# The remainder of a Sphinx role, such as ``:func:`~snakepit_bridge.tool```.
_ROLE = re.compile(rf"(?::\w+:)?`~{PACKAGE}\.([\w.]+)(\(\))?`")
_EXAMPLE = re.compile(r"^\*\*Example:\*\*\n((?:>.*\n?)+)", re.MULTILINE)
_PROMPT = re.compile(r"^> ?(?:(?:>>>|\.\.\.) ?)?", re.MULTILINE)
_ARGUMENTS = re.compile(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", re.MULTILINE)
_ARGUMENT = re.compile(r"^ {4}\*{0,2}(\w+)(?: \([^)]*\))?:", re.MULTILINE)


class Reference:
    """The reference of one module."""

    def __init__(self, name: str) -> None:
        module = importlib.import_module(name)
        for public in module.__all__:
            # The package loads some names when they are first used, and pdoc reads what is loaded.
            getattr(module, public)
        self._module = pdoc.doc.Module(module)
        self._public = sorted(module.__all__, key=str.lower)
        self.problems: list[str] = []

    def page(self) -> str:
        """Returns the page, and adds the problems of the docstrings to ``problems``."""
        parts = [f"# {_escaped(self._module.fullname)}", self._prose(self._module.docstring, self._module.fullname)]
        sections = {"Functions": pdoc.doc.Function, "Classes": pdoc.doc.Class, "Values": pdoc.doc.Variable}
        for title, kind in sections.items():
            members = [self._module.members[name] for name in self._public]
            chosen = [member for member in members if isinstance(member, kind)]
            if chosen:
                parts += [f"## {title}", *(part for each in chosen for part in self._member(each, 3, each.name))]
        return "\n\n".join(part for part in parts if part) + "\n"

    def _anchor(self, path: str) -> str:
        """Returns the anchor of a member, in lower case. A class may have the name of a function, such as ``Span``."""
        name, *rest = path.split(".")
        is_taken = name != name.lower() and name.lower() in self._public
        return "-".join([f"{name}-class" if is_taken else name, *rest]).lower()

    def _member(self, member: pdoc.doc.Doc[object], level: int, path: str) -> Iterator[str]:
        yield f"{'#' * level} {_escaped(member.name)} {{#{self._anchor(path)}}}"
        if isinstance(member, pdoc.doc.Class):
            yield from self._class(member, level)
        elif isinstance(member, pdoc.doc.Function):
            yield _code(f"{_keyword(member)} {member.name}{_short(str(member.signature))}")
            yield self._documented(member, list(member.signature.parameters))
        elif isinstance(member, pdoc.doc.Variable):
            yield _code(f"{member.name}{_short(member.annotation_str)}")
            # Name and annotation can be enough to explain an attribute.
            yield self._prose(member.docstring, member.fullname)

    def _class(self, documented: pdoc.doc.Class, level: int) -> Iterator[str]:
        bases = [_short(name) for _module, _name, name in documented.bases if not name.startswith(("typing.", "abc."))]
        heading = f"class {documented.name}({', '.join(bases)})" if bases else f"class {documented.name}"
        constructor = documented.members.get("__init__")
        if isinstance(constructor, pdoc.doc.Function) and _ARGUMENTS.search(documented.docstring):
            # A class whose parameters are not described is not constructed by users.
            signature = _short(str(constructor.signature_without_self)).removesuffix(" -> None")
            yield _code(f"{heading}\n\n{documented.name}{signature}")
            yield self._documented(documented, list(constructor.signature.parameters))
        else:
            yield _code(heading)
            yield self._documented(documented, [])
        for member in _public_members(documented):
            yield from self._member(member, level + 1, f"{documented.name}.{member.name}")

    def _documented(self, member: pdoc.doc.Doc[object], parameters: list[str]) -> str:
        if not member.docstring:
            self.problems.append(f"{member.fullname} has no docstring")
        described = _ARGUMENTS.search(member.docstring)
        for name in _ARGUMENT.findall(described.group(1)) if described else []:
            if name not in parameters:
                self.problems.append(f"the docstring of {member.fullname} describes an unknown parameter: {name}")
        return self._prose(member.docstring, member.fullname)

    def _prose(self, docstring: str, owner: str) -> str:
        markdown = pdoc.docstrings.convert(inspect.cleandoc(docstring), "google", None).replace("``", "`")
        # The sections of a docstring ("Arguments", "Raises") are not sections of the page.
        markdown = re.sub(r"^#+ (.+)$", r"**\1**", markdown, flags=re.MULTILINE)
        markdown = _NAME_IN_CODE.sub(self._link_to_public, markdown)
        markdown = _ROLE.sub(lambda role: self._link_to_role(role, owner), markdown)
        markdown = markdown.replace("<", "&lt;").replace("{{", "&#123;&#123;")
        return _EXAMPLE.sub(_example, markdown).strip()

    def _link_to_public(self, found: re.Match[str]) -> str:
        name = found.group(1)
        return f"[`{name}`](#{self._anchor(name)})" if name in self._public else f"`{name}`"

    def _link_to_role(self, role: re.Match[str], owner: str) -> str:
        path, call = role.group(1), role.group(2) or ""
        members: dict[str, pdoc.doc.Doc[object]] = dict(self._module.members)
        for name in path.split("."):
            if name not in members:
                self.problems.append(f"the docstring of {owner} links to an unknown name: {path}")
                break
            members = getattr(members[name], "members", {})
        return f"[`{path}{call}`](#{self._anchor(path)})"


def _public_members(documented: pdoc.doc.Class) -> list[pdoc.doc.Doc[object]]:
    """Returns the members that a class defines or inherits from the package, with the operators that it documents."""
    return [
        member
        for name, member in documented.members.items()
        if member.taken_from[0].startswith(PACKAGE) and (not name.startswith("_") or _is_operator(member))
    ]


def _is_operator(member: pdoc.doc.Doc[object]) -> bool:
    if not isinstance(member, pdoc.doc.Function) or member.name == "__init__":
        return False
    inherited = inspect.getdoc(getattr(object, member.name, None))
    return bool(member.docstring) and member.docstring != inherited


def _example(found: re.Match[str]) -> str:
    return f"**Example:**\n\n{_code(_PROMPT.sub('', found.group(1)).strip())}\n"


def _keyword(function: pdoc.doc.Function) -> str:
    return "async def" if inspect.iscoroutinefunction(function.obj) else "def"


def _short(signature: str) -> str:
    # A sentinel default, which differs from ``None``, has no representation worth reading.
    return _MODULE_PATH.sub("", signature).replace("<object object>", "...")


def _escaped(name: str) -> str:
    return name.replace("_", "\\_")


def _code(source: str) -> str:
    return f"```python\n{source}\n```"


def main(folder: Path) -> int:
    """Writes the pages into the folder; returns the exit code."""
    warnings.simplefilter("error")
    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    for module, page in PAGES.items():
        reference = Reference(module)
        (folder / page).write_text(reference.page(), encoding="utf-8")
        problems += reference.problems
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
