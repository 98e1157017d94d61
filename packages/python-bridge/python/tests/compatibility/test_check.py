from __future__ import annotations

import pytest

from snakepit_bridge._compatibility import is_older
from snakepit_bridge.compatibility import check


def test_a_module_and_its_package_have_the_same_result() -> None:
    assert check("cv2") == check("opencv-python")
    assert check("sklearn.svm") == check("scikit_learn")
    assert check("cv2").distribution == "opencv-python"


def test_the_package_that_was_named_is_the_one_in_the_result() -> None:
    assert check("OpenCV_Python_Headless").distribution == "opencv-python-headless"
    assert check("sqlite3").distribution is None


def test_an_unknown_library_has_no_verdict() -> None:
    found = check("My_Library", "1.0")
    assert (found.known, found.name, found.distribution, found.version) == (False, "My_Library", "my-library", "1.0")
    assert (found.threads.safe, found.fork.safe, found.free_threading.support) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize(
    ("version", "support"), [(None, "yes"), ("2.0.2", "no"), ("2.1.0rc1", "no"), ("2.1", "yes"), ("2.4.6", "yes")]
)
def test_support_of_the_free_threaded_build_depends_on_the_version(version: str | None, support: str) -> None:
    assert check("numpy", version).free_threading.support == support


@pytest.mark.parametrize(("version", "safe"), [("1.3.3", "no"), ("1.4.0", "conditional"), (None, "conditional")])
def test_thread_safety_depends_on_the_version(version: str | None, safe: str) -> None:
    found = check("xgboost", version)
    assert found.threads.safe == safe
    assert ("before 1.4" in found.threads.notes) == (safe == "no")


def test_invalid_arguments_are_rejected() -> None:
    with pytest.raises(ValueError, match="name must be the name of a package or module; got an empty string"):
        check(" ")
    for name in ("numpy", "unknown-library"):
        with pytest.raises(ValueError, match=r"version must be a version such as '2\.1\.0'; got 'latest'"):
            check(name, "latest")


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.9", "1.10"),
        ("1.0rc1", "1.0"),
        ("1.0.dev5", "1.0"),
        ("2.9.9", "2.10"),
        ("2025.12", "2026.1.0"),
        ("9.0", "1!0.1"),
        ("7.0.0a1", "7"),
    ],
)
def test_versions_are_ordered_by_their_release(older: str, newer: str) -> None:
    assert is_older(older, newer)
    assert not is_older(newer, older)


@pytest.mark.parametrize(
    ("one", "other"), [("1.0", "1"), ("v1.2.0", "1.2"), ("1.2.post1", "1.2"), ("1.2+local", "1.2")]
)
def test_equal_releases_are_not_older(one: str, other: str) -> None:
    assert not is_older(one, other)
    assert not is_older(other, one)
