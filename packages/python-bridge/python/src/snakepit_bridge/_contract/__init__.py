"""The requests of tools to the host. The lowest layer; its types are generated from the table of operations."""
