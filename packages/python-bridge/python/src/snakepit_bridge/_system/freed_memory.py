"""How much freed memory the allocator of the C library keeps."""

from __future__ import annotations

_LARGEST_BLOCK = 4 << 20


def keep_freed_memory() -> None:
    """Lets the allocator keep up to 8 MiB of freed memory for reuse, instead of returning it to the system.

    By default, glibc returns freed memory when 128 KiB of it are together, and a call with larger arguments causes page
    faults for each copy of them. When a block of its own mapping is freed, glibc keeps blocks up to that size, and
    twice as much freed memory (``M_MMAP_THRESHOLD`` in mallopt(3)). The pages of this block are never touched, so it
    takes no memory. Other allocators are not affected.
    """
    # Not a bytearray: it would write the zeros itself, which takes a millisecond.
    bytes(_LARGEST_BLOCK)
