// Uses each feature that needs an optional package, and prints as JSON how it failed; null if it did not.
import { python, Snakepit } from "snakepit";

const tools = "./tools.py";
const started = async (config, use = async () => {}) => {
  const pit = await Snakepit.start({ size: 1, registry: { path: "./registry.db" }, logger: false, ...config });
  try {
    await use(pit);
  } finally {
    await pit.close();
  }
};
const failureOf = async (attempt) => {
  try {
    await attempt();
    return null;
  } catch ({ code, message }) {
    return `${code}: ${message}`;
  }
};

// No server listens on port 1.
const registry = { url: "postgres://user@127.0.0.1:1/none" };
console.log(
  JSON.stringify({
    call: await failureOf(() => started({ worker: python(tools) }, (pit) => pit.execute("add", { a: 1, b: 2 }))),
    serve: await failureOf(() =>
      started({ worker: python(tools) }, (pit) => pit.serve({ socketPath: "./optional.sock" })),
    ),
    dashboard: await failureOf(() => started({ worker: python(tools) }, (pit) => pit.dashboard())),
    transport: await failureOf(() => started({ worker: python(tools, { transport: "grpc" }) })),
    registry: await failureOf(() => started({ worker: python(tools), registry })),
    store: await failureOf(() => started({ worker: python(tools), sessions: { store: registry } })),
  }),
);
