"""``python -m snakepit_bridge``: the programs that the host starts."""

from __future__ import annotations

import sys

from snakepit_bridge._launch.programs import main

# The guard is for multiprocessing, which imports this module again in processes that tools start with it.
if __name__ == "__main__":
    main(sys.argv[1:])
