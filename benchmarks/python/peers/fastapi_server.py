"""A FastAPI application on uvicorn, on the Unix socket in the first argument."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator

import peer_tools
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from lifeline import end_with_stdin
from pydantic import BaseModel

app = FastAPI()


class Operands(BaseModel):
    """The arguments of `add`."""

    a: float
    b: float


class Visitor(BaseModel):
    """A record of the mixed payload."""

    id: int
    name: str
    email: str
    active: bool
    balance: float
    visits: int
    registered: str
    tags: list[str]
    scores: list[float]


# The handlers are asynchronous functions: FastAPI would run others in threads, which costs more than the calls.
@app.post("/add")
async def add(operands: Operands) -> float:
    """Returns the sum."""
    return peer_tools.add(operands.a, operands.b)


@app.post("/visit")
async def visit(records: list[Visitor]) -> list[Visitor]:
    """Increments the visits of each record."""
    for record in records:
        record.visits += 1
    return records


@app.post("/total_visits")
async def total_visits(records: list[Visitor]) -> int:
    """Returns the sum of the visits of all records."""
    return sum(record.visits for record in records)


@app.post("/echo")
async def echo(request: Request) -> Response:
    """Returns the array of float64 that is the body."""
    import numpy as np  # Imported here: the other calls, and the start of the process, do not need it.

    values = np.frombuffer(await request.body())
    return Response(values.data.cast("B"), media_type="application/octet-stream")


@app.post("/count")
async def count(to: int) -> StreamingResponse:
    """Streams a line of JSON for each value."""

    async def lines() -> AsyncIterator[bytes]:
        for value in peer_tools.count(to):
            yield json.dumps(value).encode() + b"\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@app.post("/work")
async def work(ms: float) -> float:
    """Uses the processor."""
    return peer_tools.work(ms)


class Server(uvicorn.Server):
    """Reports on stdout when it accepts connections."""

    async def startup(self, sockets: list | None = None) -> None:
        """Starts to listen."""
        await super().startup(sockets)
        print("ready", flush=True)


if __name__ == "__main__":
    end_with_stdin()
    config = uvicorn.Config(
        app, uds=sys.argv[1], loop="uvloop", http="httptools", log_level="warning", access_log=False
    )
    Server(config).run()
