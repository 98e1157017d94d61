"""The launching program: one process a pool that forks or spawns the pool's workers and outlives none of them."""
