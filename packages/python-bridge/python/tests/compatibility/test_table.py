from __future__ import annotations

import datetime
import sys

import pytest

from snakepit_bridge._compatibility import Library, find_library, is_older, table
from snakepit_bridge._compatibility.table import normalized

LIBRARIES = table().libraries


def test_the_table_has_at_least_60_libraries_in_alphabetical_order() -> None:
    names = [each.name for each in LIBRARIES]
    assert len(names) >= 60
    assert names == sorted(names, key=str.casefold)
    assert len(names) == len(set(names))


def test_the_table_is_dated() -> None:
    assert datetime.date.fromisoformat(table().revised) >= datetime.date(2026, 11, 30)


def test_a_package_or_module_is_in_one_row_only() -> None:
    distributions = [name for each in LIBRARIES for name in each.distributions]
    modules = [name for each in LIBRARIES for name in each.modules]
    assert len(distributions) == len(set(distributions))
    assert len(modules) == len(set(modules))
    assert [each for each in distributions if each != normalized(each)] == []


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_every_claim_has_a_source_or_a_test(library: Library) -> None:
    threads, fork, build = library.threads, library.fork, library.free_threading
    sources = [threads.source, build.source, *([fork.source] if fork.source else [])]
    assert [each for each in sources if not each.startswith("https://")] == []
    assert fork.source or fork.tested or fork.safe == "unknown"
    assert threads.notes and threads.workaround and fork.notes
    # A verdict other than a number of a release needs an explanation.
    assert build.notes or build.since or build.support == "yes"
    assert library.modules
    assert library.distributions or set(library.modules) <= sys.stdlib_module_names


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_notes_are_phrases_that_messages_can_contain(library: Library) -> None:
    phrases = [
        library.threads.notes,
        library.threads.workaround,
        library.fork.notes,
        library.free_threading.notes or "x",
    ]
    assert [each for each in phrases if each.endswith(".") or "\n" in each] == []


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_versions_of_the_table_can_be_compared(library: Library) -> None:
    before = library.threads.before
    for version in (library.free_threading.since, library.fork.tested, before.version if before else None):
        assert version is None or not is_older(version, version)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cv2", "OpenCV"),
        ("opencv_python.headless", "OpenCV"),
        ("sklearn", "scikit-learn"),
        ("sklearn.svm", "scikit-learn"),
        ("PIL", "Pillow"),
        ("Pillow", "Pillow"),
        ("google.cloud.storage", "Google Cloud Storage"),
        ("google.protobuf.message", "Protocol Buffers"),
        ("psycopg2-binary", "psycopg2"),
        ("sqlite3", "SQLite"),
    ],
)
def test_a_library_is_found_by_package_and_by_module(name: str, found: str) -> None:
    library = find_library(name)
    assert library is not None
    assert library.name == found


@pytest.mark.parametrize("name", ["google", "google.cloud", "not-a-library", "nump"])
def test_other_names_are_not_found(name: str) -> None:
    assert find_library(name) is None
