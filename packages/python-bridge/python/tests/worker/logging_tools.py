"""Tools that set logging up, and the standard streams, in ways that libraries and users do."""

from __future__ import annotations

import contextlib
import io
import logging
import logging.config
import logging.handlers
import os
import queue
import sys
import threading
import warnings
from typing import Any

from snakepit_bridge import tool

SET_UP = os.environ.get("SET_UP", "")
KEPT_STDERR = sys.stderr
"""As loguru and others keep it."""
KEPT_STDOUT = sys.stdout

if SET_UP == "basicConfig":
    logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(message)s")
elif SET_UP == "stdout":
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout)
elif SET_UP == "dictConfig":
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"long": {"format": "%(levelname)s:%(name)s:%(message)s"}},
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": "long"},
                "errors": {"class": "logging.StreamHandler", "level": "ERROR"},
            },
            "root": {"level": "INFO", "handlers": ["console"]},
            "loggers": {
                "apart": {"level": "DEBUG", "handlers": ["console"], "propagate": False},
                "twice": {"level": "INFO", "handlers": ["console"]},
                "errors": {"level": "DEBUG", "handlers": ["errors"], "propagate": False},
            },
        }
    )
elif SET_UP == "queue":
    records: queue.Queue[Any] = queue.Queue()
    logging.basicConfig(level=logging.INFO, handlers=[logging.handlers.QueueHandler(records)])
    listener = logging.handlers.QueueListener(records, logging.StreamHandler())
elif SET_UP == "formatted":

    class Loud(logging.StreamHandler):  # type: ignore[type-arg]  # not subscriptable in Python 3.10
        """Writes more than once, as rich does."""

        def emit(self, record: logging.LogRecord) -> None:
            for word in self.format(record).split():
                print(word.upper(), end=" ", file=sys.stderr)
            print(file=sys.stderr)

    logging.basicConfig(level=logging.INFO, handlers=[Loud()])


@tool
def log(logger: str = "app", below: bool = True) -> None:
    """A record of each level, lowest first."""
    target = logging.getLogger(logger)
    if below:
        target.debug("a debug message")
        target.info("an info message with %s", "an argument")
    target.warning("a warning")
    target.error("an error")


@tool
def log_in_thread(name: str) -> None:
    """Prints and logs in a thread with this name, and then in the main thread.

    ``HALF`` in the name becomes a lone surrogate, which an argument cannot contain.
    """

    def run() -> None:
        print("printed")
        logging.getLogger("app").info("logged")

    thread = threading.Thread(target=run, name=name.replace("HALF", "\ud800"))
    thread.start()
    thread.join()
    run()


@tool
def log_foreign_thread_name() -> None:
    """Logs a record whose thread name is no string, as code that copies records may create it."""
    fields = {"name": "app", "levelno": logging.INFO, "levelname": "INFO", "msg": "copied", "threadName": 7}
    logging.getLogger("app").handle(logging.makeLogRecord(fields))


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError


@tool
def log_foreign(field: str, value: str) -> None:
    """Logs a record with a field that a logger of Python would not set."""
    values = {"unprintable": Unprintable(), "number": 7, "surrogate": "\ud800x", "long": "n" * 5_000}
    fields = {"name": "app", "levelno": logging.INFO, "levelname": "INFO", "msg": "foreign", field: values[value]}
    logging.getLogger("app").handle(logging.makeLogRecord(fields))


@tool
def configure(how: str) -> None:
    if how == "debug":
        logging.basicConfig(level=logging.DEBUG)
    elif how == "force":
        logging.basicConfig(level=logging.WARNING, force=True)
    elif how == "disable":
        logging.disable(logging.WARNING)
    elif how == "enable":
        logging.disable(logging.NOTSET)
    elif how == "console":
        logging.getLogger("app").addHandler(logging.StreamHandler())
    elif how == "apart":
        logging.getLogger("app").propagate = False
    elif how == "warnings":
        logging.captureWarnings(True)
        warnings.warn("be careful", stacklevel=1)
    elif how == "listen":
        listener.start()
        logging.getLogger("app").info("through a queue")
        listener.stop()
    elif how == "bad":
        logging.getLogger("app").warning("%d", "no number")
    elif how == "kept":
        KEPT_STDERR.write("12:00 | INFO | as loguru writes\n")
        print("kept", file=KEPT_STDOUT)


@tool
def leave_detached() -> None:
    """Leaves a standard output behind whose buffer was taken away, so that it raises whatever it is asked."""
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
    sys.stdout.detach()


@tool
def replace(how: str) -> None:
    """Does something to the standard output, and prints."""
    if how == "wrap":
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
    elif how == "wrap-detached":
        sys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="utf-8")
    elif how == "detach":
        sys.stdout.detach()
    elif how == "reconfigure":
        sys.stdout.reconfigure(encoding="latin-1", errors="strict", line_buffering=False)  # type: ignore[union-attr]
    elif how == "close":
        sys.stdout.close()
    elif how == "close-buffer":
        sys.stdout.buffer.close()
    elif how == "buffered":
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(sys.stdout.buffer.raw), encoding="utf-8")  # type: ignore[attr-defined]
    elif how == "redirect":
        with contextlib.redirect_stdout(io.StringIO()) as caught:
            print("not seen")
        assert caught.getvalue() == "not seen\n"
    elif how == "codecs":
        import codecs

        sys.stdout = codecs.getwriter("utf-8")(KEPT_STDOUT.buffer)  # type: ignore[assignment]
    elif how == "original":
        sys.stdout = sys.__stdout__
    elif how == "tee":
        sys.stdout = Tee(sys.stdout)  # type: ignore[assignment]
    elif how == "with":
        with io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8") as wrapped:
            wrapped.write("in a with\n")
    print(f"{how} ü")


@tool
def lose(how: str) -> None:
    """Leaves no standard output that anyone can print to."""
    if how == "none":
        sys.stdout = None  # type: ignore[assignment]
        sys.stderr = None  # type: ignore[assignment]
    elif how == "closed":
        sys.stdout = io.StringIO()
        sys.stdout.close()
    elif how == "deleted":
        del sys.stdout


@tool
def say(what: str) -> list[Any]:
    """What programs ask the standard output before they write to it."""
    print(what)
    out = sys.stdout
    return [out.fileno(), out.isatty(), out.writable(), getattr(out, "encoding", "utf-8").lower()]


class Tee:
    """Writes what it gets, as logging of experiments does."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
