// A Python generator as server-sent events: a client that disconnects stops it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { python, Snakepit } from "snakepit";

const worker = python(new URL("../tools/words.py", import.meta.url));
await using pit = await Snakepit.start({ worker, size: 1, logger: false });
const closed = new Promise<string>((resolve) => {
  pit.on("worker.log", ({ message }) => resolve(message));
});

const server = createServer(async (request, response) => {
  // `close` of the response: that of the request comes as soon as its body has been read.
  const disconnected = new AbortController();
  response.once("close", () => disconnected.abort());
  const { signal } = disconnected;
  const prompt = new URL(request.url ?? "/", "http://localhost").searchParams.get("prompt") ?? "";

  response.writeHead(200, { "content-type": "text/event-stream" });
  try {
    for await (const token of pit.stream<string>("tokens", { prompt }, { signal })) {
      // A slow client slows Python down: the next chunk is requested when this one has been sent.
      if (!response.write(`data: ${JSON.stringify(token)}\n\n`)) await once(response, "drain", { signal });
    }
    response.end("event: end\ndata: null\n\n");
  } catch (error) {
    if (signal.aborted) console.log("TypeScript: the client disconnected");
    else response.destroy(error as Error);
  }
});
await once(server.listen(0, "127.0.0.1"), "listening");

// The client: reads five events and leaves.
const { port } = server.address() as AddressInfo;
const response = await fetch(`http://127.0.0.1:${port}/?prompt=row+your+boat`);
let received = "";
for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
  received += part;
  if (received.split("\n\n").length > 5) break;
}
for (const event of received.split("\n\n").slice(0, 5)) console.log(event);

console.log(await closed);
server.close();
await once(server, "close");
