"""An endless stream of words, for the example of server-sent events."""

import time
from collections.abc import Iterator
from itertools import cycle

from snakepit_bridge import tool


@tool
def tokens(prompt: str) -> Iterator[str]:
    """Repeats the prompt, word by word, until the consumer stops reading."""
    try:
        for word in cycle(prompt.split()):
            yield word
            time.sleep(0.01)
    finally:
        print("Python: generator closed")
