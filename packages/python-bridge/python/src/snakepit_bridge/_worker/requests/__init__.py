"""Requests that a worker sends to its host."""
