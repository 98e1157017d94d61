import * as v from "valibot";
import type { BridgeListenOptions } from "../ports/bridge-server.ts";
import type { DashboardOptions } from "../ports/dashboard-server.ts";
import { isPlainObject } from "../validation/describe-value.ts";
import type { ResolvedServe } from "./gen/config-types.ts";
import type { GroupTable } from "./option.ts";
import { duration } from "./option-kinds.ts";

/** The options of the command `snakepit serve`. */
export const SERVE_OPTIONS: GroupTable<ResolvedServe> = {
  gateway: {
    doc: "The address of the gRPC server, with its credentials: the options of `pit.serve()`, or an array of them for several addresses.",
    example: 'gateway: { socketPath: "/run/app/tools.sock" }',
    expects: "an object { socketPath } or { port, token }, or an array of such objects",
    inputType: "BridgeListenOptions | readonly BridgeListenOptions[]",
    resolvedType: "readonly BridgeListenOptions[]",
    schema: v.pipe(
      v.custom<BridgeListenOptions | readonly BridgeListenOptions[]>((value) =>
        Array.isArray(value) ? value.every(isPlainObject) : isPlainObject(value),
      ),
      v.transform((value): readonly BridgeListenOptions[] =>
        Object.freeze([value].flat() as readonly BridgeListenOptions[]),
      ),
    ),
    fallback: { value: () => Object.freeze([]), text: "none" },
    secret: true,
  },
  dashboard: {
    doc: "The address of the dashboard, with its health probes and metrics: the options of `pit.dashboard()`. `{}` selects the defaults.",
    example: "dashboard: { port: 7788, token: process.env.DASHBOARD_TOKEN }",
    expects: "an object",
    inputType: "DashboardOptions",
    resolvedType: "DashboardOptions | undefined",
    schema: v.custom<DashboardOptions>(isPlainObject),
    fallback: { value: () => undefined, text: "none" },
    secret: true,
  },
  graceMs: duration({
    doc: "Time that active calls have to end after SIGTERM, SIGINT or SIGHUP and `health.drainDelayMs`. `docker stop` ends a container 10 s after SIGTERM.",
    example: 'graceMs: "30s"',
    minMs: 0,
    fallback: 8_000,
  }),
};
