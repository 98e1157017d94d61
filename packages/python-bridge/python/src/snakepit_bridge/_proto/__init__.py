"""Generated from the .proto files of bridge-proto; see tooling/codegen."""

from __future__ import annotations

from .._libraries import load_on_first_use

# The C implementation imports the pure Python one, which it does not use.
load_on_first_use("google.protobuf.internal.python_message")
