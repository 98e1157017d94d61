"""Values of scientific libraries are rejected with a path and a remedy that works.

Not part of the plain suite, since the libraries are large: ``npm run check -- libraries`` installs them and runs this.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import networkx
import numpy
import pandas
import PIL.Image
import polars
import pyarrow
import pytest
import regex
import scipy.sparse
import xarray
from remedy_checks import follow
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from snakepit_bridge._values import SerializationError, decode, encode

FINE = pandas.Timestamp("2024-01-01T00:00:00.000000001")
TIMES = pandas.to_datetime(["2024-01-01", None])
FAR = numpy.array(["20000-01-01"], "datetime64[s]")
LATE = "10000-01-01T00:00:00+01:00"
LONG = numpy.array([86_400 * 10**9], "timedelta64[s]")
LONG_TEXT = "1000000000 days 00:00:00"


def frame(column: Any) -> pandas.DataFrame:
    return pandas.DataFrame({"a": column})


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (frame([1, 2]), [[1], [2]]),
        (frame(["x", None]), [["x"], [None]]),
        (frame(pandas.array([1, None], dtype="Int64")), [[1], [None]]),
        (frame(pandas.array([True, None], dtype="boolean")), [[True], [None]]),
        (frame(pandas.Categorical(["x", None])), [["x"], [None]]),
        (frame(TIMES), [[dt.datetime(2024, 1, 1)], [None]]),
        (frame(TIMES.tz_localize("UTC")), [[dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)], [None]]),
        (frame([FINE]), [["0", "2024-01-01 00:00:00.000000001"]]),
        (frame(FAR), [["0", "20000-01-01"]]),
        (
            frame(pandas.Series([pandas.Timestamp(FAR[0]), 1], dtype=object)),
            [["0", "20000-01-01 00:00:00"], ["1", "1"]],
        ),
        (pandas.DataFrame({"a": ["x"]}, index=pandas.Index(FAR)), [["20000-01-01", "x"]]),
        (frame(pandas.Categorical([FINE])), [["0", "2024-01-01 00:00:00.000000001"]]),
        (frame(pandas.Series([FINE, "x"], dtype=object)), [["0", "2024-01-01 00:00:00.000000001"], ["1", "x"]]),
        (frame(pandas.to_timedelta([1, None], unit="s")), [[dt.timedelta(seconds=1)], [None]]),
        (frame(pandas.to_timedelta([1], unit="ns")), [["0", "0 days 00:00:00.000000001"]]),
        (frame(LONG), [["0", LONG_TEXT]]),
        (frame(-LONG), [["0", "-1000000000 days +00:00:00"]]),
        (frame(LONG - 1), [[dt.timedelta(days=10**9, seconds=-1)]]),
        (frame(pandas.Categorical(LONG)), [["0", LONG_TEXT]]),
        (frame(pandas.Series([pandas.Timedelta(LONG[0]), 1], dtype=object)), [["0", LONG_TEXT], ["1", "1"]]),
        (pandas.DataFrame({"a": ["x"]}, index=pandas.Index(LONG)), [[LONG_TEXT, "x"]]),
        (pandas.DataFrame([["x"]], columns=pandas.Index(LONG)), [["x"]]),
        (pandas.DataFrame({"a": LONG - 1, "b": FAR}), [["0", "999999999 days 23:59:59", "20000-01-01 00:00:00"]]),
        (frame([1, "x", None, dt.date(2024, 1, 1)]), [[1], ["x"], [None], [dt.date(2024, 1, 1)]]),
        (frame([1j]), [[1j]]),
        (frame(pandas.arrays.SparseArray([0, 1])), [[0], [1]]),
        (frame(pandas.period_range("2024-01", periods=1, freq="M")), [["0", "2024-01"]]),
        (frame(pandas.array(["x", None], dtype="string[pyarrow]")), [["x"], [None]]),
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), [[1, 2]]),
        (pandas.DataFrame({"a": []}), []),
        (pandas.DataFrame(index=[1, 2]), [[], []]),
        (pandas.DataFrame([[1]], columns=[FINE]), [[1]]),
        (pandas.Series([1, 2], name="s"), [[1], [2]]),
        (pandas.Series([FINE], name="index"), [["0", "2024-01-01 00:00:00.000000001"]]),
        (pandas.Index(["a"]), [["a"]]),
        (pandas.MultiIndex.from_tuples([("x", 1)]), [["x", 1]]),
        (pandas.Categorical(["a", None]), [["a"], [None]]),
        (pandas.array([1, None], dtype="Int64"), [[1], [None]]),
    ],
    ids=lambda part: type(part).__name__,
)
def test_tables_of_pandas_are_rejected_with_a_remedy_that_sends_all_of_their_data(value: Any, data: Any) -> None:
    """E1."""
    assert follow(value)["data"] == data


def test_labels_of_levels_with_the_same_name() -> None:
    """E1, V6."""
    assert follow(pandas.MultiIndex.from_tuples([("x", 1)], names=["a", "a"])) == [["x", 1]]
    assert follow(pandas.MultiIndex.from_arrays([FAR, LONG], names=["a", "a"])) == [["20000-01-01 00:00:00", LONG_TEXT]]


def test_index_columns_and_names_of_a_table_are_kept() -> None:
    table = pandas.DataFrame({"a": [1.5]}, index=pandas.MultiIndex.from_tuples([("x", 1)], names=["p", "q"]))
    assert follow(table) == {
        "index": [["x", 1]],
        "columns": ["a"],
        "data": [[1.5]],
        "index_names": ["p", "q"],
        "column_names": [None],
    }


@pytest.mark.parametrize(
    ("value", "received"),
    [
        (pandas.NA, None),
        (pandas.NaT, None),
        (FINE, "2024-01-01T00:00:00.000000001"),
        (FINE.tz_localize("UTC"), "2024-01-01T00:00:00.000000001+00:00"),
        (pandas.Timedelta(250, "ns"), "P0DT0H0M0.00000025S"),
        (pandas.Timestamp(numpy.datetime64("20000-01-01", "s")), "20000-01-01T00:00:00"),
        (pandas.Timestamp(numpy.datetime64("0000-05-01", "s")).tz_localize("UTC"), "0000-05-01T00:00:00+00:00"),
        (pandas.Timestamp(numpy.datetime64(2**45, "s")), "1116918-05-14T19:20:32"),
        (pandas.Timestamp(numpy.datetime64("9999-12-31T23", "s"), tz="UTC").tz_convert("+01:00"), LATE),
        (pandas.Timedelta(numpy.timedelta64(2**60, "s")), "P13343998895912DT13H56M16S"),
        (pandas.Timedelta(numpy.timedelta64(-86_400 * 10**9, "s")), "P-1000000000DT0H0M0S"),
        (pandas.Period("2024-01"), "2024-01"),
        (pandas.Interval(0, 1), "(0, 1]"),
    ],
    ids=str,
)
def test_scalars_of_pandas(value: Any, received: Any) -> None:
    """E1, V6."""
    assert follow(value) == received


def test_a_timedelta_with_nanoseconds_is_rejected_as_a_key_too() -> None:
    """V6."""
    with pytest.raises(SerializationError, match="a timedelta with nanoseconds") as failure:
        encode({pandas.Timedelta(250, "ns"): 1, pandas.Timedelta(300, "ns"): 2})
    assert failure.value.path == "result.keys()[0]"
    sent = encode([pandas.Timedelta(5, "us"), pandas.Timestamp("2024-01-01")])
    assert decode(sent.body) == [dt.timedelta(microseconds=5), dt.datetime(2024, 1, 1)]
    last = numpy.datetime64("9999-12-31T23:59:59", "s"), numpy.timedelta64(86_400 * 10**9 - 1, "s")
    sent = encode([pandas.Timestamp(last[0]), pandas.Timedelta(last[1])])
    assert decode(sent.body) == [dt.datetime(9999, 12, 31, 23, 59, 59), dt.timedelta(days=10**9, seconds=-1)]


MATRIX = scipy.sparse.csr_matrix(numpy.array([[1.0, 0, 2], [0, 3, 0]]))


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "dia", "bsr", "lil", "dok"])
@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csr_array])
def test_sparse_matrices_of_every_format(form: str, kind: Any) -> None:
    """E1, V7."""
    received = follow(kind(MATRIX).asformat(form))
    assert list(received["shape"]) == [2, 3]
    arrays = scipy.sparse
    parts = {
        "csr": lambda: arrays.csr_array((received["data"], received["indices"], received["indptr"]), received["shape"]),
        "csc": lambda: arrays.csc_array((received["data"], received["indices"], received["indptr"]), received["shape"]),
        "bsr": lambda: arrays.bsr_array((received["data"], received["indices"], received["indptr"]), received["shape"]),
        "dia": lambda: arrays.dia_array((received["data"], received["offsets"]), received["shape"]),
        "coo": lambda: arrays.coo_array((received["data"], received["coords"]), received["shape"]),
    }
    assert parts[received["format"]]().toarray().tolist() == MATRIX.toarray().tolist()


def test_an_empty_dok_matrix_is_no_empty_dict() -> None:
    """V7."""
    assert list(follow(scipy.sparse.dok_matrix((3, 4)))["shape"]) == [3, 4]


def test_arrays_with_labels() -> None:
    """V7."""
    assert follow(xarray.Dataset(coords={"x": [1, 2]}))["coords"]["x"]["data"].tolist() == [1, 2]
    assert follow(xarray.Dataset({"a": ("x", [1.5])}, {"x": ["p"]}))["data_vars"]["a"]["data"] == [1.5]
    assert follow(xarray.DataArray(numpy.zeros(2), dims="x"))["data"].tolist() == [0, 0]
    assert follow(xarray.Dataset(coords={"x": [1]}).coords)["coords"]["x"]["data"].tolist() == [1]
    assert list(follow(xarray.DataTree(xarray.Dataset(coords={"x": [1]})))) == ["/"]


def test_graphs_keep_their_edges() -> None:
    """E1."""
    graph = networkx.MultiDiGraph([("a", "b"), ("a", "b")])
    assert len(networkx.node_link_graph(follow(graph)).edges) == 2
    assert networkx.node_link_graph(follow(networkx.path_graph(3))).number_of_edges() == 2


@pytest.mark.parametrize("kind", [networkx.Graph, networkx.DiGraph, networkx.MultiGraph, networkx.MultiDiGraph])
@pytest.mark.parametrize("clash", ["node", "edge", "key"])
def test_graphs_keep_attributes_with_the_names_of_their_parts(kind: Any, clash: str) -> None:
    """E1."""
    graph = kind(name="g")
    graph.add_node(1, **({"id": 5} if clash == "node" else {}))
    graph.add_edge(1, 2)
    if clash != "node":
        networkx.set_edge_attributes(graph, 9, "source" if clash == "edge" else "key")
    received = follow(graph)
    if "edges" in received and isinstance(received["edges"][0], dict):
        same = networkx.node_link_graph(received)
    else:
        same = kind(**received["graph"])
        same.add_nodes_from(tuple(node) for node in received["nodes"])
        same.add_edges_from(tuple(edge) for edge in received["edges"])
        assert received["directed"] is graph.is_directed()
    assert same.graph == graph.graph
    assert dict(same.nodes(data=True)) == dict(graph.nodes(data=True))
    assert list(same.edges(data=True)) == list(graph.edges(data=True))


def test_estimators_and_images() -> None:
    """E1."""
    assert follow(LinearRegression())["fit_intercept"] is True
    assert "ridge__alpha" in follow(make_pipeline(StandardScaler(), Ridge()))
    assert follow(OneHotEncoder())["sparse_output"] == "True"
    assert follow(PIL.Image.new("RGB", (2, 1), (1, 2, 3))) == {
        "mode": "RGB",
        "size": [2, 1],
        "data": bytes([1, 2, 3] * 2),
    }
    palette = PIL.Image.new("RGB", (1, 1), (1, 2, 3)).convert("P", palette=PIL.Image.Palette.ADAPTIVE)
    assert follow(palette)["palette"][:3] == [1, 2, 3]
    assert follow(palette.convert("PA"))["palette"][:3] == [1, 2, 3]


def test_matches_of_regex() -> None:
    """V7."""
    assert follow(regex.match("a(.)", "ab")) == {"match": "ab", "span": [0, 2], "groups": ["b"]}
    assert follow(regex.compile("a+")) == "a+"


NANOSECONDS = pyarrow.array([1], pyarrow.timestamp("ns"))
TIMES_LIST = pyarrow.list_(pyarrow.timestamp("ns"))
TIMES_STRUCT = pyarrow.struct([("a", pyarrow.timestamp("ns")), ("b", pyarrow.int64())])
FINE_TEXT = "1970-01-01 00:00:00.000000001"
FINE_SERIES = polars.Series("a", [1]).cast(polars.Datetime("ns"))


def counts(dtype: Any, value: Any) -> polars.Series:
    """A Polars column whose times are given as counts of nanoseconds."""
    return polars.Series("a", [value]).cast(dtype)


@pytest.mark.parametrize(
    ("value", "received"),
    [
        (polars.DataFrame({"a": [1, None]}), {"a": [1, None]}),
        (polars.LazyFrame({"a": [1]}), {"a": [1]}),
        (polars.Series(["x"]), ["x"]),
        (polars.Series([dt.datetime(2024, 1, 1)], dtype=polars.Datetime("ns")), ["2024-01-01 00:00:00.000000000"]),
        (counts(polars.Duration("ns"), 1), [1]),
        (counts(polars.Time, 1), [1]),
        (counts(polars.List(polars.Datetime("ns")), [1]), [[FINE_TEXT]]),
        (counts(polars.List(polars.Time), [1]), [[1]]),
        (counts(polars.Array(polars.Int64, 1), [1]).cast(polars.Array(polars.Datetime("ns"), 1)), [[FINE_TEXT]]),
        (FINE_SERIES.to_frame().with_columns(b=1).to_struct("s"), [{"a": FINE_TEXT, "b": 1}]),
        (FINE_SERIES.to_frame().with_columns(b=polars.lit(b"b")), {"a": [FINE_TEXT], "b": [b"b"]}),
        (FINE_SERIES.to_frame().lazy(), {"a": [FINE_TEXT]}),
        (pyarrow.table({"a": [1, None]}), {"a": [1, None]}),
        (pyarrow.record_batch({"a": [1]}), {"a": [1]}),
        (pyarrow.table({"a": [1]}).to_reader(), {"a": [1]}),
        (pyarrow.chunked_array([[1]]), [1]),
        (pyarrow.scalar(1), 1),
        (NANOSECONDS, [FINE_TEXT]),
        (pyarrow.table({"a": NANOSECONDS}), {"a": [FINE_TEXT]}),
        (pyarrow.table({"a": NANOSECONDS, "b": [b"\xff"], "c": [[1]]}), {"a": [FINE_TEXT], "b": [b"\xff"], "c": [[1]]}),
        (pyarrow.table({"a": [[1]]}).cast(pyarrow.schema([("a", TIMES_LIST)])), {"a": [[FINE_TEXT]]}),
        (pyarrow.array([[1]], TIMES_LIST), [[FINE_TEXT]]),
        (pyarrow.array([[1]], pyarrow.large_list(pyarrow.timestamp("ns"))), [[FINE_TEXT]]),
        (pyarrow.array([[1]], pyarrow.list_(pyarrow.timestamp("ns"), 1)), [[FINE_TEXT]]),
        (pyarrow.array([{"a": 1, "b": 2}], TIMES_STRUCT), [{"a": FINE_TEXT, "b": 2}]),
        (pyarrow.array([[("k", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.timestamp("ns"))), [[["k", FINE_TEXT]]]),
        (pyarrow.py_buffer(b"b"), b"b"),
        (pyarrow.schema([("a", pyarrow.int64())]), "a: int64"),
        (pyarrow.int64(), "int64"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_tables_of_polars_and_arrow(value: Any, received: Any) -> None:
    """E1."""
    assert follow(value) == received
