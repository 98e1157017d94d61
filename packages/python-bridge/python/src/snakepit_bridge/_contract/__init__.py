"""What tools may ask of the host. The lowest layer; its types are generated from the table of operations."""
