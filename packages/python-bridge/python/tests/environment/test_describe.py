from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

from snakepit_bridge import __version__
from snakepit_bridge._environment import recommended_profile
from snakepit_bridge._environment.requirements import checked
from snakepit_bridge.environment import describe_environment


def test_the_report_describes_this_interpreter() -> None:
    found = describe_environment()
    assert found.python.executable == sys.executable
    assert found.python.version == ".".join(map(str, sys.version_info[:3]))
    assert found.python.is_environment == (sys.prefix != sys.base_prefix)
    assert found.libraries == []
    versions = {each.name: each.installed for each in found.requirements}
    assert versions["snakepit-bridge"] == __version__
    assert versions["msgspec"] == importlib.metadata.version("msgspec")
    assert [each.name for each in found.requirements if not each.satisfied and not each.optional] == []


@pytest.mark.parametrize(
    ("free_threaded", "gil_enabled", "profile"),
    [(False, True, "process"), (True, True, "process"), (True, False, "thread")],
)
def test_the_profile_depends_on_the_lock(free_threaded: bool, gil_enabled: bool, profile: str) -> None:
    found = recommended_profile(free_threaded=free_threaded, gil_enabled=gil_enabled)
    assert found.profile == profile
    assert "global interpreter lock" in found.reason


def test_requirements_are_compared_with_the_installed_packages() -> None:
    installed = importlib.metadata.version("msgspec")
    found = {
        each.required + each.name: each
        for each in checked(
            [
                "msgspec>=0.1",
                "msgspec<1000,>=900",
                f"msgspec=={installed}",
                "a-missing-package>=2; python_version >= '3.10'",
                "other>=2; python_version < '3.10'",
                "an-extra>=1; extra == 'grpc'",
            ]
        )
    }
    assert found[">=0.1msgspec"].satisfied
    assert found[f"=={installed}msgspec"].satisfied
    assert not found["<1000,>=900msgspec"].satisfied
    missing = found[">=2a-missing-package"]
    assert (missing.installed, missing.satisfied, missing.optional) == (None, False, False)
    assert missing.remedy is not None
    assert "a-missing-package>=2" in missing.remedy
    extra = found[">=1an-extra"]
    assert (extra.satisfied, extra.optional, extra.remedy) == (False, True, None)
    assert len(found) == 5


def run(*arguments: str, path: str = "pass") -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        f"import sys; {path}; from snakepit_bridge.__main__ import main; main(sys.argv[1:])",
    ]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)  # noqa: S603


def test_the_command_prints_the_report() -> None:
    done = run("environment")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Python ")
    parsed = json.loads(run("environment", "--json").stdout)
    assert parsed["python"]["gilEnabled"] is True or parsed["python"]["freeThreaded"] is True
    assert set(parsed["processors"]) == {"logical", "affinity", "quota", "usable"}


def test_no_library_is_imported_by_default() -> None:
    program = """
import sys
from snakepit_bridge.environment import describe_environment
describe_environment()
print([each for each in ("torch", "numpy", "grpc", "google.protobuf", "asyncio") if each in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("raise OSError('libcudart is missing')", (None, 0, "OSError: libcudart is missing")),
        (
            """
__version__ = "2.9"
class version: hip = None
class cuda:
    is_available = staticmethod(lambda: True)
    device_count = staticmethod(lambda: 2)
""",
            ("cuda", 2, None),
        ),
        (
            """
__version__ = "2.9"
class cuda: is_available = staticmethod(lambda: False)
class backends:
    class mps: is_available = staticmethod(lambda: False)
""",
            (None, 0, None),
        ),
    ],
)
def test_torch_is_asked_for_its_devices_only_on_request(
    tmp_path: Path, source: str, expected: tuple[str | None, int, str | None]
) -> None:
    (tmp_path / "torch.py").write_text(source)
    path = f"sys.path.insert(0, {str(tmp_path)!r})"
    [found] = json.loads(run("environment", "--json", "--torch", path=path).stdout)["libraries"]
    assert (found["kind"], found["devices"], found["problem"]) == expected
    assert json.loads(run("environment", "--json", path=path).stdout)["libraries"] == []


def test_other_libraries_are_rejected() -> None:
    with pytest.raises(ValueError, match="libraries must contain only 'torch'; got 'tensorflow'"):
        describe_environment(["tensorflow"])
