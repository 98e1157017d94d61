"""Profiles: how a worker executes several calls at the same time.

A pool chooses one by its option ``profile``: ``thread`` and ``async`` are those of this module, and
``"my_profiles:OneThreadPerCall"`` is a class that is derived from :class:`Profile`, or from one of the others.
"""

from __future__ import annotations

from ._profiles import AsyncProfile, Profile, ProfileCall, ProfileWorker, ThreadPool, ThreadProfile

__all__ = ["AsyncProfile", "Profile", "ProfileCall", "ProfileWorker", "ThreadPool", "ThreadProfile"]
