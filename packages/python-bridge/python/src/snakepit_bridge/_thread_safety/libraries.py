"""What popular libraries document about their use in several threads."""

from __future__ import annotations

import sys
from typing import Literal

import msgspec

Safety = Literal["safe", "conditional", "unsafe"]


class Library(msgspec.Struct, frozen=True):
    """What a library documents about its use in several threads of one process."""

    name: str
    modules: tuple[str, ...]
    """The top-level modules that a process has loaded when it uses the library."""
    safety: Safety
    """``"safe"``: the usual objects may be shared. ``"conditional"``: only under the condition in the notes, such as an
    object for each thread. ``"unsafe"``: two threads must never use the library at the same time."""
    notes: str
    workaround: str
    source: str
    """Where the library documents it."""


_ONE_AT_A_TIME = "hold one lock during every use, or run it in a pool with the process profile"
_PER_THREAD = "create one for each thread, for example in a ThreadLocal"

LIBRARIES: tuple[Library, ...] = (
    Library(
        "matplotlib",
        ("matplotlib",),
        "unsafe",
        "artists have race conditions, and pyplot keeps the current figure in global state",
        _ONE_AT_A_TIME,
        "https://matplotlib.org/stable/users/faq.html#work-with-threads",
    ),
    Library(
        "netCDF4",
        ("netCDF4",),
        "unsafe",
        "the netCDF C library is not thread-safe, not even for different files",
        _ONE_AT_A_TIME,
        "https://docs.unidata.ucar.edu/netcdf-c/current/faq.html",
    ),
    Library(
        "PyMuPDF",
        ("pymupdf", "fitz"),
        "unsafe",
        "MuPDF is used without support for threads; concurrent use can crash the interpreter",
        _ONE_AT_A_TIME,
        "https://pymupdf.readthedocs.io/en/latest/recipes-multiprocessing.html",
    ),
    Library(
        "pypdfium2",
        ("pypdfium2",),
        "unsafe",
        "PDFium must not be called by two threads at the same time, not even for different documents",
        _ONE_AT_A_TIME,
        "https://pypdfium2.readthedocs.io/en/stable/python_api.html#incompatibility-with-threading",
    ),
    Library(
        "PyTables",
        ("tables",),
        "unsafe",
        "its registry of open files is not thread-safe",
        "open and close files while holding a lock, and use each file handle in one thread",
        "https://www.pytables.org/cookbook/threading.html",
    ),
    Library(
        "boto3",
        ("boto3",),
        "conditional",
        "clients may be shared, sessions and resources may not",
        "create the clients in setup(), and sessions and resources for each thread",
        "https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html",
    ),
    Library(
        "DuckDB",
        ("duckdb",),
        "conditional",
        "a connection must not be used by two threads at the same time",
        "use a cursor for each thread: ThreadLocal(connection.cursor)",
        "https://duckdb.org/docs/stable/clients/python/overview",
    ),
    Library(
        "Faiss",
        ("faiss",),
        "conditional",
        "CPU indices may be searched concurrently, but not changed meanwhile; GPU indices may not",
        "hold a lock for changes and searches, or do not change the index after setup()",
        "https://github.com/facebookresearch/faiss/wiki/Threads-and-asynchronous-calls",
    ),
    Library(
        "GDAL",
        ("osgeo", "rasterio", "fiona"),
        "conditional",
        "a dataset must not be used by two threads at the same time",
        f"open datasets for each thread: {_PER_THREAD}",
        "https://gdal.org/en/stable/user/multithreading.html",
    ),
    Library(
        "Numba",
        ("numba",),
        "conditional",
        "functions with parallel=True must not run concurrently with the threading layer workqueue",
        "install TBB or OpenMP, and set NUMBA_THREADING_LAYER to tbb or omp",
        "https://numba.readthedocs.io/en/stable/user/threading-layer.html",
    ),
    Library(
        "pandas",
        ("pandas",),
        "conditional",
        "objects that several threads share must not be copied or changed concurrently",
        "give each call its own objects, or hold a lock",
        "https://pandas.pydata.org/docs/user_guide/gotchas.html#thread-safety",
    ),
    Library(
        "Pika",
        ("pika",),
        "conditional",
        "a connection must only be used by the thread that created it",
        f"connections: {_PER_THREAD}",
        "https://github.com/pika/pika/blob/main/docs/faq.rst",
    ),
    Library(
        "Playwright",
        ("playwright",),
        "conditional",
        "an instance must only be used by the thread that created it",
        f"instances: {_PER_THREAD}",
        "https://playwright.dev/python/docs/library#threading",
    ),
    Library(
        "psycopg2",
        ("psycopg2",),
        "conditional",
        "connections may be shared, cursors may not; threads that share a connection share its transaction",
        f"connections: {_PER_THREAD}",
        "https://www.psycopg.org/docs/usage.html#thread-and-process-safety",
    ),
    Library(
        "PyMySQL",
        ("pymysql",),
        "conditional",
        "threads must not share connections (threadsafety 1 of PEP 249)",
        f"connections: {_PER_THREAD}",
        "https://github.com/PyMySQL/PyMySQL/blob/main/pymysql/__init__.py",
    ),
    Library(
        "PyTorch",
        ("torch",),
        "conditional",
        "threads may run a shared model without gradients; backward passes that share parameters are not deterministic",
        "call eval() in setup(), run models in torch.inference_mode(), and train in one thread",
        "https://docs.pytorch.org/docs/stable/notes/autograd.html#multithreaded-autograd",
    ),
    Library(
        "pyzmq",
        ("zmq",),
        "conditional",
        "contexts may be shared, sockets may not",
        f"sockets: {_PER_THREAD}",
        "https://pyzmq.readthedocs.io/en/latest/howto/morethanbindings.html#thread-safety",
    ),
    Library(
        "Requests",
        ("requests",),
        "conditional",
        "the maintainers do not guarantee that a Session may be shared",
        f"sessions: {_PER_THREAD}",
        "https://github.com/psf/requests/issues/2766",
    ),
    Library(
        "SciPy",
        ("scipy",),
        "conditional",
        "functions may be called concurrently; objects with state, such as integrators and sparse arrays, must not be "
        "changed concurrently",
        "create such objects in each call",
        "https://docs.scipy.org/doc/scipy/tutorial/thread_safety.html",
    ),
    Library(
        "Selenium",
        ("selenium",),
        "conditional",
        "a WebDriver must not be used by two threads at the same time",
        f"drivers: {_PER_THREAD}",
        "https://github.com/SeleniumHQ/selenium/wiki/Frequently-Asked-Questions",
    ),
    Library(
        "SQLAlchemy",
        ("sqlalchemy",),
        "conditional",
        "an Engine may be shared; a Session or Connection may not",
        "create a Session in each call, or use scoped_session",
        "https://docs.sqlalchemy.org/en/20/orm/session_basics.html",
    ),
    Library(
        "SQLite",
        ("sqlite3",),
        "conditional",
        "by default, a connection raises ProgrammingError in a thread that has not created it",
        f"connections: {_PER_THREAD}",
        "https://docs.python.org/3/library/sqlite3.html#sqlite3.threadsafety",
    ),
    Library(
        "TensorFlow",
        ("tensorflow",),
        "conditional",
        "a Graph must be constructed by one thread",
        "build and call the model once in setup()",
        "https://www.tensorflow.org/api_docs/python/tf/Graph",
    ),
    Library(
        "Tokenizers",
        ("tokenizers",),
        "conditional",
        "calls that change padding or truncation fail with 'Already borrowed' while another thread uses the tokenizer",
        f"tokenizers: {_PER_THREAD}",
        "https://github.com/huggingface/tokenizers/issues/537",
    ),
    Library(
        "XGBoost",
        ("xgboost",),
        "conditional",
        "threads may predict with a shared model of trees (since 1.4), but not train it meanwhile",
        "do not change the model after setup()",
        "https://xgboost.readthedocs.io/en/stable/prediction.html#thread-safety",
    ),
    Library(
        "h5py",
        ("h5py",),
        "safe",
        "a global lock serializes all calls of HDF5",
        "for parallel reads, use the process profile",
        "https://docs.h5py.org/en/stable/threads.html",
    ),
    Library(
        "lxml",
        ("lxml",),
        "safe",
        "parsers and trees may be used by several threads; a shared parser serializes them",
        "for parallel parsing, use the default parser or one for each thread",
        "https://lxml.de/FAQ.html#threading",
    ),
    Library(
        "NumPy",
        ("numpy",),
        "safe",
        "arrays may be read concurrently; an array that one thread changes must not be used by another one meanwhile",
        "for shared arrays that change, hold a lock",
        "https://numpy.org/doc/stable/reference/thread_safety.html",
    ),
    Library(
        "PyMongo",
        ("pymongo",),
        "safe",
        "a MongoClient may be shared by threads, but not by processes",
        "create the client in setup()",
        "https://www.mongodb.com/docs/languages/python/pymongo-driver/current/faq/",
    ),
    Library(
        "redis-py",
        ("redis",),
        "safe",
        "clients may be shared; PubSub and Pipeline objects may not",
        "create PubSub and Pipeline objects in each call",
        "https://redis.readthedocs.io/en/stable/advanced_features.html",
    ),
    Library(
        "urllib3",
        ("urllib3",),
        "safe",
        "a PoolManager may be shared",
        "set maxsize to the number of threads",
        "https://urllib3.readthedocs.io/en/stable/advanced-usage.html",
    ),
)
"""Sorted by safety and name."""


def loaded_libraries() -> list[Library]:
    """Returns the libraries of the table that this process has imported."""
    return [each for each in LIBRARIES if any(module in sys.modules for module in each.modules)]
