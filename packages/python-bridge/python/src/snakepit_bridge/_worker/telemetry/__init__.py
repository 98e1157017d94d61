"""Records the spans and events of a worker, and sends them to the host."""
