import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type BridgeListenOptions,
  type BridgeServer,
  resolveConfig,
  SnakepitError,
  toSnakepitError,
} from "@snakepit/core";
import { Snakepit } from "../../snakepit.ts";
import { EXIT, type Invocation } from "../command.ts";
import { type HostSource, hostConfig } from "../host-source/host-config.ts";
import { durationValue } from "../host-source/option-values.ts";
import { printError } from "../host-source/print-error.ts";
import { MisuseError } from "../parse-command-line.ts";
import { ServeReport } from "./serve-report.ts";

/** The values of the options of `snakepit serve`. */
export interface ServeValues extends Omit<HostSource, "config"> {
  readonly socket: string | undefined;
  readonly port: number | undefined;
  readonly "token-file": string | undefined;
  readonly "dashboard-port": number | undefined;
  readonly grace: string | undefined;
  readonly json: boolean;
}

/** Runs `snakepit serve` until a signal ends it. */
export async function runServe(invocation: Invocation<ServeValues>): Promise<number> {
  try {
    await serve(invocation);
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof MisuseError) throw thrown;
    const error = toSnakepitError(thrown);
    // A signal has cancelled the start, and ends the process.
    if (invocation.signal.aborted && error.code === "CANCELLED") throw error;
    printError(invocation.terminal, error, invocation.values.json);
    return EXIT.failed;
  }
}

async function serve({ values, positionals, terminal, signal }: Invocation<ServeValues>): Promise<void> {
  const report = new ServeReport(terminal, values.json);
  const grace = values.grace === undefined ? undefined : durationValue("--grace", values.grace);
  const { file, config } = await hostConfig({ ...values, config: positionals[0] });
  const requested = await requestedAddresses(values);
  const { gateway = [], dashboard: configured } = resolveConfig(config).serve ?? {};
  const pagePort = values["dashboard-port"];
  const page = pagePort === undefined ? configured : { ...configured, port: pagePort };
  const addresses = requested ?? gateway;
  if (addresses.length === 0 && page === undefined) throw noAddress();
  await using pit = await Snakepit.start(config, { signal });
  const servers: BridgeServer[] = [];
  for (const address of addresses) servers.push(await listen(pit, address, requested === undefined ? file : undefined));
  const dashboard = page === undefined ? undefined : await pit.dashboard(page);
  report.ready(pit, {
    gateway: servers.map(({ address }) => address),
    // Without a configured token, its users need the one in the URL.
    dashboard: page?.token === undefined ? dashboard?.url : dashboard?.url.replace(/#.*/, ""),
  });
  await aborted(signal);
  const graceMs = grace ?? pit.config.serve?.graceMs ?? GRACE_MS;
  report.draining(pit, String(signal.reason), pit.config.health.drainDelayMs + graceMs);
  // First ends the readiness, then waits for `health.drainDelayMs`, then rejects further calls.
  await pit.close({ graceMs });
  report.stopped();
}

/** Opens a server; an invalid address from a configuration is reported with its file. */
async function listen(pit: Snakepit, address: BridgeListenOptions, file: string | undefined): Promise<BridgeServer> {
  try {
    return await pit.serve(address);
  } catch (thrown) {
    const error = toSnakepitError(thrown);
    if (file === undefined || error.code !== "INVALID_CONFIG") throw error;
    throw new SnakepitError("INVALID_CONFIG", `serve.gateway in ${file} is invalid: ${error.message}`, {
      cause: error,
    });
  }
}

/** The default of `serve.graceMs`, for a configuration without `serve`. */
const GRACE_MS = 8_000;

async function requestedAddresses(values: ServeValues): Promise<readonly BridgeListenOptions[] | undefined> {
  const { socket, port, "token-file": tokenFile } = values;
  if (socket === undefined && port === undefined) {
    if (tokenFile !== undefined) throw new MisuseError("--token-file requires --port or --socket");
    return undefined;
  }
  if (socket !== undefined && port !== undefined) {
    throw new MisuseError("--socket and --port cannot be combined; configure several addresses in serve.gateway");
  }
  const token = tokenFile === undefined ? undefined : (await readToken(tokenFile)).trim();
  if (socket !== undefined) return [{ socketPath: resolve(socket), token }];
  if (token === undefined) throw new MisuseError("--port requires --token-file FILE, the token of the clients");
  return [{ port: port ?? 0, token }];
}

async function readToken(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    throw new MisuseError(`--token-file ${file} cannot be read: ${(thrown as Error).message}`);
  }
}

function noAddress(): MisuseError {
  return new MisuseError(
    "nothing to serve; pass --socket PATH for gRPC clients or --dashboard-port N, or configure serve: { gateway: { socketPath } } or serve: { dashboard: {} }",
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: settle } = Promise.withResolvers<void>();
  if (signal.aborted) settle();
  signal.addEventListener("abort", () => settle(), { once: true });
  return promise;
}
