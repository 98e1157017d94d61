/** The largest block from which glibc learns (`DEFAULT_MMAP_THRESHOLD_MAX`, 32 MiB), without its header. */
const LARGEST_BLOCK = 31 * 1024 * 1024;

let isKept = false;

/**
 * Lets the allocator of the C library keep up to 62 MiB of freed memory for reuse, instead of returning it to the
 * system. To be called before large blocks are allocated again and again.
 *
 * When V8 frees several arrays of 10 MB at once, glibc returns their memory to the system, and the next arrays cause a
 * page fault for every 4 KiB. When a block of its own mapping is freed, glibc keeps blocks up to that size, and twice
 * as much freed memory (`M_MMAP_THRESHOLD` in mallopt(3)). The pages of this block are never touched, so it takes no
 * memory. Other allocators are not affected.
 */
export function keepFreedMemory(): void {
  if (isKept) return;
  isKept = true;
  // Detaching it frees its memory at once.
  new ArrayBuffer(LARGEST_BLOCK).transfer(0);
}
