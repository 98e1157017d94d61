"""Profiles: how a worker executes several calls at the same time."""

from __future__ import annotations

from .async_profile import AsyncProfile
from .load_profile import load_profile
from .profile import Profile, ProfileCall, ProfileWorker
from .thread_pool import ThreadPool
from .thread_profile import ThreadProfile

__all__ = ["AsyncProfile", "Profile", "ProfileCall", "ProfileWorker", "ThreadPool", "ThreadProfile", "load_profile"]
