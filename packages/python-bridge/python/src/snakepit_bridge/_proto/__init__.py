"""Generated from the .proto files of bridge-proto; see tooling/codegen."""
