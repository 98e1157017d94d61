"""Signals in a worker: interruption of tools, and the signal handlers of the user."""
