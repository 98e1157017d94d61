import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { assets } from "#page";
import { SECURITY_HEADERS, STORED_FOREVER } from "./response-headers.ts";

const compress = promisify(gzip);

const compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/**
 * Returns a file of the page; `undefined` for an unknown path. The files contain no data of the host, so they need no
 * token: the page itself asks for it.
 *
 * @param path `/` for the page, or that of a file which it loads.
 */
export async function pageAsset(path: string, request: Request): Promise<Response | undefined> {
  const asset = Object.hasOwn(assets, path) ? assets[path] : undefined;
  if (asset === undefined) return undefined;
  const headers = new Headers({ ...SECURITY_HEADERS, "content-type": asset.type, vary: "accept-encoding" });
  if (path === "/") headers.set("cache-control", "no-cache");
  else for (const [name, value] of Object.entries(STORED_FOREVER)) headers.set(name, value);
  if (!/\bgzip\b/.test(request.headers.get("accept-encoding") ?? "")) return new Response(asset.body, { headers });
  headers.set("content-encoding", "gzip");
  const body = compressed.get(path) ?? compress(asset.body);
  compressed.set(path, body);
  return new Response(await body, { headers });
}
