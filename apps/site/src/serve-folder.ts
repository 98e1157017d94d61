import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** A web server on the loopback interface. */
export interface FolderServer {
  /** `http://127.0.0.1:43521` */
  readonly address: string;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Serves the files of a folder, to this machine only. */
export async function serveFolder(folder: string): Promise<FolderServer> {
  const server = createServer((request, response) => {
    const path = fileOf(folder, new URL(request.url ?? "/", "http://localhost").pathname);
    if (path === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function fileOf(folder: string, path: string): string | undefined {
  const file = join(folder, normalize(decodeURIComponent(path)));
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory()) return fileOf(folder, join(path, "index.html"));
  return found && file;
}
