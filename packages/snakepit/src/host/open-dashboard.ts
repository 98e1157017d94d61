import { type Dashboard, type DashboardOptions, type HostControl, partError } from "@snakepit/core";
import type { MetricsEndpoint } from "@snakepit/telemetry";
import { healthHandler } from "../health/health-handler.ts";
import type { Host } from "./host.ts";

/** A host that the dashboard shows. */
interface ShownHost extends HostControl {
  metrics(): MetricsEndpoint;
}

/** Starts the dashboard of a host, which is closed with the host. Calls are recorded only while it is open. */
export async function openDashboard(
  host: Host,
  control: ShownHost,
  options: DashboardOptions | undefined,
): Promise<Dashboard> {
  host.throwIfClosing("no longer opens a dashboard");
  const { CallRecorder, serveDashboard } = await loadDashboard();
  const recorder = new CallRecorder();
  const server = await serveDashboard(
    { control, recorder },
    { health: probesOf(host), metrics: metricsOf(control), ...options },
  );
  const detach = host.telemetry.attach(recorder);
  const close = async () => {
    detach();
    await server.close();
  };
  await host.adoptObserver({ close });
  return { url: server.url, token: server.token, close, [Symbol.asyncDispose]: close };
}

/** Returns the handler of health probes; the server calls it only for their paths. */
function probesOf(host: Host): (request: Request) => Promise<Response> {
  const answer = healthHandler(() => host.health);
  return async (request) => {
    const { status, headers, body } = (await answer(request)) ?? { status: 404, headers: {}, body: "not found\n" };
    return new Response(body, { status, headers });
  };
}

/** Returns the handler of `/metrics`. The host measures its calls from the first request on. */
function metricsOf(control: ShownHost): (request: Request) => Promise<Response> {
  return (request) => control.metrics().handler(request);
}

/** Loads an optional package: only hosts that open a dashboard need it. */
async function loadDashboard(): Promise<typeof import("@snakepit/dashboard")> {
  // Bundlers accept that the package is missing only inside of a try statement.
  try {
    return await import("@snakepit/dashboard");
  } catch (thrown) {
    throw partError("the dashboard", thrown, "@snakepit/dashboard");
  }
}
