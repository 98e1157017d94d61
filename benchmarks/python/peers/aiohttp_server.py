"""An aiohttp server on the Unix socket in the first argument, with uvloop and orjson."""

from __future__ import annotations

import asyncio
import sys
from io import BytesIO

import orjson
import peer_tools
import uvloop
from aiohttp import web
from lifeline import end_with_stdin

routes = web.RouteTableDef()


def answer(value: object) -> web.Response:
    """Returns a response with a value as JSON."""
    return web.Response(body=orjson.dumps(value), content_type="application/json")


@routes.post("/add")
async def add(request: web.Request) -> web.Response:
    """Returns the sum."""
    return answer(peer_tools.add(**orjson.loads(await request.read())))


@routes.post("/visit")
async def visit(request: web.Request) -> web.Response:
    """Increments the visits of each record."""
    return answer(peer_tools.visit(orjson.loads(await request.read())))


@routes.post("/total_visits")
async def total_visits(request: web.Request) -> web.Response:
    """Returns the sum of the visits of all records."""
    return answer(peer_tools.total_visits(orjson.loads(await request.read())))


@routes.post("/echo")
async def echo(request: web.Request) -> web.Response:
    """Returns the array of float64 that is the body."""
    import numpy as np  # Imported here: the other calls, and the start of the process, do not need it.

    values = np.frombuffer(await request.read())
    # A body of bytes of this size causes a warning of aiohttp.
    return web.Response(body=BytesIO(values.data), content_type="application/octet-stream")


@routes.post("/count")
async def count(request: web.Request) -> web.StreamResponse:
    """Streams a line for each integer."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    for value in peer_tools.count(int(request.query["to"])):
        await response.write(orjson.dumps(value) + b"\n")
    await response.write_eof()
    return response


@routes.post("/work")
async def work(request: web.Request) -> web.Response:
    """Uses the processor."""
    return answer(peer_tools.work(float(request.query["ms"])))


async def main() -> None:
    """Serves until stdin ends."""
    app = web.Application(client_max_size=1 << 30)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.UnixSite(runner, sys.argv[1]).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    end_with_stdin()
    uvloop.run(main())
