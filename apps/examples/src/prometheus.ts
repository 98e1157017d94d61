// Metrics for Prometheus on an HTTP address. `docs/monitoring.md` has the dashboard and the alerts that use them.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 2 });
await pit.ready();
// At the start: calls are measured from now on.
const metrics = await pit.metrics();

// Any server that uses `Request` and `Response` can call the handler; node:http needs these lines.
const server = createServer(async (incoming, outgoing) => {
  const { method = "GET", url = "/", headers } = incoming;
  if (url !== "/metrics") {
    outgoing.writeHead(404).end();
    return;
  }
  const response = await metrics.handler(
    new Request(`http://localhost${url}`, { method, headers: { accept: headers.accept ?? "" } }),
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

await Promise.all([1, 2, 3].map((a) => pit.execute("add", { a, b: 1 })));
await pit.execute("greet", { name: 7 }).catch(() => {});

// What Prometheus does every few seconds.
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
const scraped = await fetch(address);
console.log(scraped.status, scraped.headers.get("content-type"));
for (const line of (await scraped.text()).split("\n")) {
  if (/^snakepit_(calls_total|pool_workers)/.test(line)) console.log(line);
}
console.log("POST:", (await fetch(address, { method: "POST" })).status);

server.close();
server.closeAllConnections();
