"""Remedies for values that have no form on the wire: what to send instead.

A remedy is an expression of ``value``, or a description if there is no such expression. A test evaluates each
expression.
"""

from __future__ import annotations

import collections
import fractions
import inspect
import io
import ipaddress
import os
import re
import types
from datetime import tzinfo
from typing import Any, Final

from .._libraries import if_loaded
from .table_remedies import find_table_remedy
from .unsendable import UnsendableError, name_of

_GENERAL_REMEDY: Final = "send a dict or a dataclass with the needed fields"

_AS_TEXT: Final = (
    os.PathLike,
    fractions.Fraction,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
    tzinfo,
)
"""Classes whose ``str()`` contains the whole value, and can be parsed by the class."""

_PLAIN: Final = frozenset({type(None), bool, int, float, str})

_NUMBERS: Final = "biufcmM"
"""Kinds of numpy dtypes that have a form on the wire."""


def reject(value: Any) -> Any:
    """Raises the UnsendableError of a value without a conversion."""
    try:
        remedy = _remedy(value)
    except Exception:  # reading attributes runs user code, which may raise any exception
        remedy = _GENERAL_REMEDY
    raise UnsendableError(name_of(value), remedy)


def is_foreign_container(kind: type) -> bool:
    """Whether a class extends ``dict`` or ``Mapping`` and has content other than its items."""
    for base in kind.__mro__:
        module = getattr(base, "__module__", None) or ""
        if module.startswith("scipy.sparse") or module == "configparser":
            return True
        if module.startswith("xarray.") and (hasattr(kind, "to_dict") or hasattr(kind, "to_dataset")):
            return True
    return False


def array_remedy(array: Any) -> str:
    """Returns the remedy for a numpy array whose elements are not numbers."""
    names = array.dtype.names
    if names is not None:
        columns = [f"{name!r}: value[{name!r}]{_column_suffix(array.dtype[name])}" for name in names]
        return f"send {{{', '.join(columns)}}}"
    if array.dtype.kind == "V":
        # Numeric types of other libraries, such as bfloat16, have a name; raw bytes do not.
        return "send value.tobytes()" if type(array.dtype).__module__.startswith("numpy") else _AS_FLOAT32
    return "send value.tolist()"


def masked_array_remedy(array: Any) -> str:
    """Returns the remedy for a masked array."""
    if array.dtype.names is not None:
        return "send value.tolist(), which has None for masked elements"
    suffix = "" if array.dtype.kind in _NUMBERS else ".tolist()"
    return f'send {{"data": value.data{suffix}, "mask": numpy.ma.getmaskarray(value)}}'


_AS_FLOAT32: Final = 'send value.astype("float32")'


def _column_suffix(dtype: Any) -> str:
    return "" if dtype.base.kind in _NUMBERS else ".tolist()"


def _remedy(value: Any) -> str:
    # In Python 3.10, list[int] is an instance of type as well.
    if isinstance(value, type) and not isinstance(value, types.GenericAlias):
        return "send value.__name__"
    if inspect.isroutine(value):
        return "send what it returns"
    kind = type(value)
    root = kind.__module__.partition(".")[0]
    for find in (_plain_remedy, _library_remedy, find_table_remedy):
        remedy = find(value, root)
        if remedy is not None:
            return remedy
    return _remedy_by_methods(value)


def _plain_remedy(value: Any, _: str) -> str | None:  # noqa: PLR0911 - one answer for each kind
    """Returns the remedy for an object of the standard library."""
    if inspect.isawaitable(value):
        return "await it first"
    if isinstance(value, BaseException):
        return "send str(value), or raise it"
    if isinstance(value, (*_AS_TEXT, collections.UserString, types.GenericAlias)):
        return "send str(value)"
    if isinstance(value, re.Pattern):
        return "send value.pattern"
    if isinstance(value, re.Match):
        return _MATCH_REMEDY
    if isinstance(value, (io.BytesIO, io.StringIO)):
        return "send value.getvalue()"
    if isinstance(value, io.IOBase):
        return "send value.read()"
    if isinstance(value, types.ModuleType):
        return "send value.__name__"
    if isinstance(value, slice):
        return "send [value.start, value.stop, value.step]"
    if isinstance(value, types.SimpleNamespace):
        return "send vars(value)"
    if value is NotImplemented or value is Ellipsis:
        return "send None"
    return None


_MATCH_REMEDY: Final = 'send {"match": value.group(), "span": value.span(), "groups": value.groups()}'


def _library_remedy(value: Any, root: str) -> str | None:  # noqa: PLR0911 - one answer for each library
    name = type(value).__name__
    if root == "regex" and name == "Match":
        return _MATCH_REMEDY
    if root in {"regex", "_regex"}:
        return _MATCH_REMEDY if hasattr(value, "groups") and hasattr(value, "span") else "send value.pattern"
    if root == "torch" and hasattr(value, "requires_grad"):
        return _tensor_remedy(value)
    if root == "networkx" and hasattr(value, "nodes"):
        return _graph_remedy(value)
    if root == "configparser":
        sections = "{name: dict(section) for name, section in value.items()}"
        return f"send {sections if hasattr(value, 'sections') else 'dict(value)'}"
    if root == "PIL" and hasattr(value, "tobytes"):
        palette = ', "palette": value.getpalette()' if value.mode in {"P", "PA"} else ""
        return f'send {{"mode": value.mode, "size": value.size, "data": value.tobytes(){palette}}}'
    if root == "xarray":
        return _labeled_remedy(value)
    if root == "scipy" and hasattr(value, "tocoo"):
        return _sparse_remedy(value)
    if root == "msgspec" and name == "UnsetType":
        return "send None"
    if root in {"pydantic", "pydantic_core"} or hasattr(type(value), "get_secret_value"):
        return _pydantic_remedy(value)
    if root == "numpy" and hasattr(value, "itemsize") and hasattr(value, "newbyteorder"):
        return "send str(value)"
    if callable(getattr(type(value), "get_params", None)) and callable(getattr(type(value), "set_params", None)):
        return _estimator_remedy(value)
    return None


def _graph_remedy(graph: Any) -> str:
    """Returns the remedy for a networkx graph: ``node_link_data()``, unless its keys would replace attributes."""
    keys = {"source", "target", "key"} if graph.is_multigraph() else {"source", "target"}
    is_whole = all("id" not in attributes for _, attributes in graph.nodes(data=True))
    if is_whole and all(keys.isdisjoint(attributes) for *_, attributes in graph.edges(data=True)):
        return "send networkx.node_link_data(value)"
    edges = "keys=True, data=True" if graph.is_multigraph() else "data=True"
    return (
        'send {"directed": value.is_directed(), "graph": value.graph, "nodes": list(value.nodes(data=True)), '
        f'"edges": list(value.edges({edges}))}}'
    )


def _tensor_remedy(tensor: Any) -> str:
    """Returns the calls that convert a PyTorch tensor to a numpy array."""
    if tensor.device.type == "meta":
        return "send list(value.shape), since it has no elements"
    calls = ""
    if tensor.requires_grad:
        calls += ".detach()"
    if str(tensor.layout) != "torch.strided":
        calls += ".to_dense()"
    if tensor.is_quantized:
        calls += ".dequantize()"
    if tensor.device.type != "cpu":
        calls += ".cpu()"
    dtype = str(tensor.dtype)
    if dtype == "torch.bfloat16" or dtype.startswith("torch.float8"):
        calls += ".float()"
    if dtype == "torch.complex32":
        calls += ".cfloat()"
    return f"send value{calls}.resolve_conj().resolve_neg().numpy()"


def _sparse_remedy(matrix: Any) -> str:
    """Returns the remedy for a sparse scipy matrix: its arrays, through ``tocoo()`` for uncommon formats."""
    head = '"format": value.format, "shape": value.shape, "data": value.data'
    if matrix.format in {"csr", "csc", "bsr"}:
        return f'send {{{head}, "indices": value.indices, "indptr": value.indptr}}'
    if matrix.format == "dia":
        return f'send {{{head}, "offsets": value.offsets}}'
    if matrix.format == "coo":
        return f'send {{{head}, "coords": value.coords}}'
    return 'send {"format": "coo", "shape": value.shape, "data": value.tocoo().data, "coords": value.tocoo().coords}'


def _labeled_remedy(value: Any) -> str:
    """Returns the remedy for an xarray object: its arrays if they contain numbers, else lists."""
    if hasattr(value, "to_dataset") and not hasattr(value, "to_dict"):
        return f"send value.to_dataset(){_labeled_remedy(value.to_dataset()).removeprefix('send value')}"
    if hasattr(value, "subtree"):
        return "send {path: dataset.to_dict() for path, dataset in value.to_dict().items()}"
    if not hasattr(value, "variables") and not hasattr(value, "coords"):
        return _GENERAL_REMEDY
    arrays = list(value.variables.values()) if hasattr(value, "variables") else [value, *value.coords.values()]
    if all(array.dtype.kind in _NUMBERS for array in arrays):
        return 'send value.to_dict(data="array")'
    return "send value.to_dict()"


def _pydantic_remedy(value: Any) -> str | None:
    if hasattr(value, "get_secret_value"):
        return "send str(value), which is masked; value.get_secret_value() sends the secret itself"
    if hasattr(value, "__fields__") and hasattr(value, "dict") and not hasattr(value, "model_dump"):
        return "send value.dict(by_alias=True)"
    return "send str(value)" if hasattr(value, "host") or hasattr(value, "unicode_string") else None


def _estimator_remedy(value: Any) -> str:
    """Returns the remedy for an estimator: its parameters, objects among them as ``repr()``."""
    if all(type(parameter) in _PLAIN for parameter in value.get_params().values()):
        return "send value.get_params()"
    return "send {name: repr(parameter) for name, parameter in value.get_params().items()}"


def _remedy_by_methods(value: Any) -> str:
    if hasattr(value, "__array__"):
        return _array_like_remedy(value)
    # Groups and windows of pandas are iterable too; they yield tables.
    if hasattr(value, "__iter__") and not type(value).__module__.startswith("pandas."):
        return "send list(value), or make the tool a generator to stream it"
    return _GENERAL_REMEDY


def _array_like_remedy(value: Any) -> str:
    numpy: Any = if_loaded("numpy")
    try:
        array = numpy.asarray(value) if numpy is not None else None
    except Exception:  # any exception means that numpy cannot read it
        array = None
    if array is not None and array.dtype.kind in _NUMBERS:
        return "send numpy.asarray(value)"
    if hasattr(value, "tolist"):
        return "send value.tolist()"
    return "send list(value)" if hasattr(value, "__iter__") else _GENERAL_REMEDY
