"""The typed variables of a session."""
