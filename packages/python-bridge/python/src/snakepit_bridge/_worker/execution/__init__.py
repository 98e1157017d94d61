"""Execution of calls: from a received call to its result."""
