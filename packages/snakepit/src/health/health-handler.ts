import type { HealthCheck, HealthReport, HealthSource } from "@snakepit/core";

/** What a probe requests: a `Request`, or the request of `node:http`. */
export interface HealthRequest {
  readonly method?: string | undefined;
  /** A URL or a path with a query. */
  readonly url?: string | undefined;
}

/** The answer to a probe. */
export interface HealthAnswer {
  readonly status: 200 | 400 | 405 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Endpoint = "livez" | "readyz" | "healthz";

const HEADERS = {
  "content-type": "text/plain; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

const SIGNS: Readonly<Record<HealthCheck["status"], string>> = { pass: "[+]", warn: "[!]", fail: "[-]" };
const WORDS: Readonly<Record<HealthCheck["status"], string>> = { pass: "ok", warn: "warning", fail: "failed" };

/** The report of a host that is starting. */
const STARTING: HealthReport = {
  live: true,
  ready: false,
  checks: [{ name: "host", status: "fail", reason: "the host is starting", values: {} }],
};

/**
 * Returns a function that answers the probes of Kubernetes and of load balancers in any HTTP server:
 *
 * - `/livez`: 200 if the process can recover by itself, otherwise 503. It asks no database.
 * - `/readyz`: 200 if the host can take calls, otherwise 503.
 * - `/healthz`: 200 if both are so.
 *
 * The body is `ok`, or the checks with their reasons: after a failure, and with `?verbose`. `?exclude=store` ignores a
 * check; the parameter may be repeated. The endpoints may have a prefix, such as `/internal/readyz`.
 *
 * @param host returns the host, or `undefined` while it starts: it is then live, but not ready.
 * @returns a function that resolves with the answer, or with `undefined` for any other path. Never rejects.
 * @example
 * let pit: Snakepit | undefined;
 * const health = healthHandler(() => pit);
 * createServer(async (request, response) => {
 *   const answer = await health(request);
 *   if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
 * }).listen(8080);
 * pit = await Snakepit.start(config);
 */
export function healthHandler(
  host: () => HealthSource | undefined,
): (request: HealthRequest) => Promise<HealthAnswer | undefined> {
  return async ({ method = "GET", url = "" }) => {
    // A path has no origin; only path and query are used.
    const parsed = URL.parse(url, "http://localhost");
    const endpoint = /\/(livez|readyz|healthz)\/?$/.exec(parsed?.pathname ?? "")?.[1] as Endpoint | undefined;
    if (parsed === null || endpoint === undefined) return undefined;
    if (method !== "GET" && method !== "HEAD") {
      return { status: 405, headers: { ...HEADERS, allow: "GET, HEAD" }, body: "use GET or HEAD\n" };
    }
    const report = await reportOf(host, endpoint);
    const excluded = parsed.searchParams.getAll("exclude");
    const unknown = excluded.filter((name) => !report.checks.some((check) => check.name === name));
    if (unknown.length > 0 && host() !== undefined && endpoint !== "livez") {
      const names = report.checks.map(({ name }) => name).join(", ");
      const body = `exclude must name a check; got ${JSON.stringify(unknown[0])}; the checks are ${names}\n`;
      return { status: 400, headers: HEADERS, body };
    }
    const checks = report.checks.filter(({ name }) => !excluded.includes(name));
    const isReady = checks.every(({ status }) => status !== "fail");
    const isHealthy = { livez: report.live, readyz: isReady, healthz: report.live && isReady }[endpoint];
    const isVerbose = parsed.searchParams.has("verbose") || !isHealthy;
    const body = isVerbose ? described(endpoint, checks, isHealthy) : "ok\n";
    return { status: isHealthy ? 200 : 503, headers: HEADERS, body: method === "HEAD" ? "" : body };
  };
}

async function reportOf(host: () => HealthSource | undefined, endpoint: Endpoint): Promise<HealthReport> {
  const source = host();
  if (source === undefined) return STARTING;
  return await source.health({ checks: endpoint === "livez" ? "live" : "all" });
}

/** Returns one line for each check, as the API server of Kubernetes does. */
function described(endpoint: Endpoint, checks: readonly HealthCheck[], isHealthy: boolean): string {
  const lines = checks.map(({ name, status, reason }) => `${SIGNS[status]}${name} ${WORDS[status]}: ${reason}`);
  return `${[...lines, `${endpoint} check ${isHealthy ? "passed" : "failed"}`].join("\n")}\n`;
}
