"""Capture of what tools print and log."""
