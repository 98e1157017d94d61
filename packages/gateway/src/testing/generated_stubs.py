"""Generates client code from the .proto files, as a client in any language does."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

from grpc_tools import protoc

PACKAGE = "snakepit/bridge/v1"
# The frames are for workers only.
NOT_FOR_CLIENTS = {"frames.proto", "worker_link.proto"}


def generate(protos: Path, folder: Path) -> dict[str, ModuleType]:
    """Generates and imports the code of the service's .proto files; keys are their names, and ``stubs``."""
    names = sorted(path.stem for path in (protos / PACKAGE).glob("*.proto") if path.name not in NOT_FOR_CLIENTS)
    google_protos = Path(protoc.__file__).parent / "_proto"
    options = [f"-I{protos}", f"-I{google_protos}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(["protoc", *options, *(f"{PACKAGE}/{name}.proto" for name in names)]) != 0:
        raise SystemExit("protoc failed")
    sys.path.insert(0, str(folder))
    package = PACKAGE.replace("/", ".")
    modules = {name: importlib.import_module(f"{package}.{name}_pb2") for name in names}
    modules["stubs"] = importlib.import_module(f"{package}.bridge_service_pb2_grpc")
    return modules
