/**
 * Reads the body of a request as UTF-8. (`bodyLimit` of Hono copies requests without a length, which the requests of
 * the server for Node.js do not permit.)
 *
 * @param most the maximum number of bytes.
 * @returns the text, or `undefined` if there are more bytes.
 */
export async function bodyText(request: Request, most: number): Promise<string | undefined> {
  if (announcesMore(request, most)) return undefined;
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const part of request.body ?? []) {
    bytes += part.byteLength;
    if (bytes > most) return undefined;
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

/** Whether a request announces a body with more bytes. */
export function announcesMore({ headers }: Request, most: number): boolean {
  return Number(headers.get("content-length") ?? 0) > most;
}
