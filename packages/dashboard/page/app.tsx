import type { HostIdentity } from "@snakepit/core";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SessionInfo } from "../src/contract/live.ts";
import { Failed } from "./parts/basics.tsx";
import { Login } from "./shell/login.tsx";
import { Shell } from "./shell/shell.tsx";
import { act, RequestProblem, read } from "./state/api.ts";
import { live } from "./state/live-connection.ts";
import * as loginToken from "./state/login-token.ts";
import { route } from "./state/route.ts";
import { useStore } from "./state/store.ts";
import { CallsView } from "./views/calls.tsx";
import { ConfigurationView } from "./views/configuration.tsx";
import { ErrorsView } from "./views/errors.tsx";
import { EventsView } from "./views/events.tsx";
import { OverviewView } from "./views/overview.tsx";
import { SessionsView } from "./views/sessions.tsx";
import { WorkersView } from "./views/workers.tsx";

/** Who uses the page. */
type Access =
  | { readonly is: "checking" }
  | { readonly is: "logged-out" }
  | { readonly is: "failed"; readonly problem: RequestProblem }
  | { readonly is: "logged-in"; readonly host: HostIdentity; readonly info: SessionInfo };

/** The page: the login, or the view of the present address. */
export function App(): JSX.Element {
  const [access, setAccess] = useState<Access>({ is: "checking" });
  const loggedOut = useStore(live.loggedOut, (state) => state);
  const check = () => void enter().then(setAccess);
  useEffect(check, []);
  useEffect(() => {
    if (!loggedOut) return;
    live.loggedOut.set(false);
    live.follow([]);
    setAccess({ is: "logged-out" });
  }, [loggedOut]);
  switch (access.is) {
    case "checking":
      return <div class="splash" role="status" aria-label="Connecting" />;
    case "logged-out":
      return <Login onLogin={check} />;
    case "failed":
      return (
        <main class="splash">
          <Failed problem={access.problem} onRetry={check} />
        </main>
      );
    default:
      return (
        <Shell host={access.host} onLogout={() => void logOut().then(() => setAccess({ is: "logged-out" }))}>
          <View info={access.info} />
        </Shell>
      );
  }
}

function View({ info }: { readonly info: SessionInfo }): JSX.Element {
  const { view, subject } = useStore(route, (state) => state);
  switch (view) {
    case "overview":
      return <OverviewView />;
    case "workers":
      return <WorkersView actions={info.actions} />;
    case "calls":
      return <CallsView subject={subject} />;
    case "errors":
      return <ErrorsView subject={subject} />;
    case "sessions":
      return <SessionsView subject={subject} />;
    case "events":
      return <EventsView />;
    default:
      return <ConfigurationView />;
  }
}

/** Logs in with the token of the address, if there is one and no login has used it yet. */
async function enter(): Promise<Access> {
  try {
    await loginToken.use((token) => act("/api/login", { token }));
    const [host, info] = await Promise.all([read<HostIdentity>("/api/host"), read<SessionInfo>("/api/session")]);
    return { is: "logged-in", host, info };
  } catch (thrown) {
    const problem = thrown instanceof RequestProblem ? thrown : new RequestProblem(0, "INTERNAL", String(thrown));
    return problem.status === 401 ? { is: "logged-out" } : { is: "failed", problem };
  }
}

async function logOut(): Promise<void> {
  live.follow([]);
  await act("/api/logout");
}
