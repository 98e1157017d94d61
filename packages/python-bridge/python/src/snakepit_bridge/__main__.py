"""``python -m snakepit_bridge``: the programs that the host starts."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # Here, before anything is imported that an older interpreter would stumble over.
    if sys.version_info < (3, 10):
        sys.exit(f"snakepit-bridge needs Python 3.10 or newer; {sys.executable} is Python {sys.version.split()[0]}")
    from snakepit_bridge._launch.programs import main

    main(sys.argv[1:])
