// Viewers of a dashboard, as a process: dashboard-viewers.ts ADDRESS TOKEN COUNT. Reports to its parent when each has
// received a message, and ends when the parent disconnects.
import { once } from "node:events";
import { type ClientRequest, get, type IncomingMessage } from "node:http";

const [address = "", token = "", count = "1"] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const requests: ClientRequest[] = [];

await Promise.all(Array.from({ length: Number(count) }, view));
process.send?.("watching");
await once(process, "disconnect");
for (const request of requests) request.destroy();

/** Opens a stream, waits for its first message, and then discards what follows. */
async function view(): Promise<void> {
  const request = get(address, { headers });
  requests.push(request);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the dashboard answered with status ${response.statusCode}`);
  // A destroyed request reports that it was aborted.
  response.on("error", () => {});
  request.on("error", () => {});
  await once(response, "data");
  response.resume();
}
