// The process of a host: executes the operations that its parent sends over IPC. Ends when the parent disconnects and
// nothing keeps it alive.
import type { HostAnswer, HostRequest } from "./host-process.ts";
import { HostOperations } from "./operations.ts";

const operations = new HostOperations();

process.on("message", ({ id, name, args }: HostRequest) => {
  const method = operations[name] as (...args: readonly unknown[]) => unknown;
  const result = new Promise((resolve) => resolve(method.apply(operations, [...args])));
  result.then(
    (value) => answer({ id, value }),
    (thrown: unknown) => answer({ id, error: thrown instanceof Error ? (thrown.stack ?? "") : String(thrown) }),
  );
});
// The battery has ended without closing the host, which would keep this process alive.
process.on("disconnect", () => operations.isOpen && process.exit(1));
process.send?.("ready");

function answer(message: HostAnswer): void {
  if (process.connected) process.send?.(message);
}
