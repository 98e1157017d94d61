"""Checks of arguments. A tool's annotations are compiled to checkers when the tool is loaded."""

from .annotations import Unresolved
from .checker import anything
from .compiler import Compiler
from .mismatch import Mismatch, names_secret
from .native import REJECTIONS, conversion, is_decodable, is_plain

__all__ = [
    "REJECTIONS",
    "Compiler",
    "Mismatch",
    "Unresolved",
    "anything",
    "conversion",
    "is_decodable",
    "is_plain",
    "names_secret",
]
