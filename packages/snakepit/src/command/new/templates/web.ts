import { appFiles, type ProjectFiles } from "./project.ts";
import { TEST_TOOLS_PY, TOOLS_PY } from "./tools.ts";

/** Returns the files of an HTTP server that calls tools. */
export function webFiles(name: string): ProjectFiles {
  return appFiles(name, {
    description: "An HTTP server that calls Python.",
    readme: `\`tools.py\` has the Python functions, \`server.ts\` the routes, and \`main.ts\` starts both. The server listens on
\`PORT\`, by default 3000:

\`\`\`sh
curl 'localhost:3000/words?text=the+snake+in+the+pit'
curl --no-buffer 'localhost:3000/countdown?start=3'    # server-sent events
curl localhost:3000/readyz                             # for readiness probes; also /livez
\`\`\`
`,
    files: {
      "main.ts": MAIN,
      "main.test.ts": MAIN_TEST,
      "server.ts": SERVER,
      "tools.py": TOOLS_PY,
      "test_tools.py": TEST_TOOLS_PY,
    },
  });
}

const MAIN = `import { once } from "node:events";
import { loadConfig, Snakepit } from "snakepit";
import { createServer } from "./server.ts";

// Ends the workers after the server, when a signal ends the program.
await Snakepit.run(
  async (pit, { signal }) => {
    const server = createServer(pit);
    server.listen(Number(process.env["PORT"] ?? 3000));
    await once(server, "listening");
    console.log("listening on", server.address());

    await once(signal, "abort");
    server.close();
    server.closeIdleConnections();
  },
  await loadConfig({ directory: import.meta.dirname }),
);
`;

const SERVER = `import { once } from "node:events";
import { type IncomingMessage, createServer as createHttpServer, type Server, type ServerResponse } from "node:http";
import { healthHandler, jsonValue, type Snakepit, SnakepitError } from "snakepit";

/** Returns an HTTP server whose routes call the tools of the host. */
export function createServer(pit: Snakepit): Server {
  const health = healthHandler(() => pit);
  return createHttpServer((request, response) => {
    respond(pit, health, request, response).catch((error: unknown) => fail(response, error));
  });
}

async function respond(
  pit: Snakepit,
  health: ReturnType<typeof healthHandler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const signal = disconnectSignal(response);
  switch (pathname) {
    case "/words": {
      const words = await pit.execute("count_words", { text: searchParams.get("text") ?? "" }, { signal });
      sendJson(response, 200, words);
      return;
    }
    case "/countdown": {
      const start = Number(searchParams.get("start") ?? 3);
      await sendEvents(response, pit.stream("count_down", { start }, { signal }));
      return;
    }
    default: {
      // Answers /livez, /readyz and /healthz.
      const answer = await health(request);
      if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
      else sendJson(response, 404, { message: \`no route \${pathname}; the routes are /words, /countdown and /readyz\` });
    }
  }
}

/** Sends each chunk as a server-sent event, no faster than the client reads. */
async function sendEvents(response: ServerResponse, chunks: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of chunks) {
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
    if (!response.write(\`data: \${JSON.stringify(jsonValue(chunk))}\\n\\n\`)) await once(response, "drain");
  }
  response.end();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(jsonValue(body)));
}

/** The message of other errors is only logged: it may contain data. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  const isInvalid = error instanceof SnakepitError && error.code === "INVALID_ARGUMENT";
  if (!isInvalid) console.error(error);
  if (response.headersSent) response.destroy();
  else sendJson(response, isInvalid ? 400 : 500, { message: isInvalid ? error.message : "the request failed" });
}

/** Returns a signal that aborts when the client disconnects, which cancels the call in Python. */
function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort(new Error("the client disconnected"));
  });
  return controller.signal;
}
`;

const MAIN_TEST = `import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { loadConfig, Snakepit } from "snakepit";
import { createServer } from "./server.ts";

let pit: Snakepit;
let server: Server;
let origin: string;

before(async () => {
  pit = await Snakepit.start(await loadConfig({ directory: import.meta.dirname }));
  await pit.ready();
  server = createServer(pit).listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = \`http://127.0.0.1:\${(server.address() as AddressInfo).port}\`;
});
after(async () => {
  server?.close();
  server?.closeAllConnections();
  await pit?.close();
});

test("returns the result of a Python function as JSON", async () => {
  const response = await fetch(\`\${origin}/words?text=a+b+A\`);
  assert.deepEqual(await response.json(), { a: 2, b: 1 });
});

test("sends the chunks of a Python generator as events", async () => {
  const response = await fetch(\`\${origin}/countdown?start=3\`);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(await response.text(), "data: 3\\n\\ndata: 2\\n\\ndata: 1\\n\\n");
});

test("responds with a status to errors and unknown routes", async () => {
  assert.equal((await fetch(\`\${origin}/countdown?start=2.5\`)).status, 400);
  assert.equal((await fetch(\`\${origin}/countdown?start=-1\`)).status, 500);
  assert.equal((await fetch(\`\${origin}/other\`)).status, 404);
});

test("reports that it is ready", async () => {
  const response = await fetch(\`\${origin}/readyz\`);
  assert.deepEqual([response.status, (await response.text()).trim()], [200, "ok"]);
});
`;
