"""Tools of workers that execute several calls at the same time."""

import asyncio
import os
import threading

from snakepit_bridge import tool

running = 0
most_running = 0
barriers: dict[str, threading.Barrier] = {}
lock = threading.Lock()
released = threading.Event()


@tool
async def gather_calls(count: int) -> int:
    """Returns the most calls that have run at the same time, as soon as that many have."""
    global running, most_running
    running += 1
    most_running = max(most_running, running)
    while most_running < count:
        await asyncio.sleep(0.001)
    running -= 1
    return most_running


@tool
def meet(name: str, count: int) -> int:
    """Returns when this many calls are here at the same time."""
    with lock:
        barrier = barriers.setdefault(name, threading.Barrier(count))
    barrier.wait()
    return os.getpid()


@tool
def pid() -> int:
    return os.getpid()


@tool
def ignore_cancellation() -> None:
    """Continues forever, whatever is raised in it."""
    line = "ignoring"
    while True:
        try:
            if line:
                print(line)
            while True:
                pass
        except BaseException:
            line = ""


@tool
def wait_for_release() -> str:
    print("waiting")
    released.wait()
    return f"released in {os.getpid()}"


@tool
def release() -> None:
    released.set()


@tool
async def release_later() -> int:
    """Does not need a thread."""
    released.set()
    return os.getpid()


@tool
def crash() -> None:
    print("crashing")
    os._exit(3)


@tool
def thread_count_of_libraries() -> str:
    return os.environ["OMP_NUM_THREADS"]
