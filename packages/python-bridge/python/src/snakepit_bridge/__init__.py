"""Tools in Python for callers in TypeScript."""
