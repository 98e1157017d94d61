"""The program of a worker in tests: what the zygote runs, without its control of processes."""

from __future__ import annotations

import faulthandler
import json
import sys

from snakepit_bridge._tools import TargetError, load_adapter
from snakepit_bridge._worker import (
    WorkerBoot,
    guard_signal_handlers,
    install_standard_streams,
    run_failed_worker,
    run_worker,
)


def main() -> int:
    faulthandler.enable()
    boot = WorkerBoot(**json.loads(sys.argv[1]))
    install_standard_streams()
    guard_signal_handlers()
    try:
        adapter = load_adapter(sys.argv[2], as_script=True)
    except TargetError as error:
        return run_failed_worker(boot, error)
    return run_worker(boot, adapter)


if __name__ == "__main__":
    sys.exit(main())
