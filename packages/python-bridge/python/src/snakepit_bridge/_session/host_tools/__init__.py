"""The functions that the host offers to tools."""
