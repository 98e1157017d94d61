import { useEffect, useState } from "preact/hooks";
import { RequestProblem, read } from "./api.ts";
import { live } from "./live-connection.ts";

/** Data that is read once, and again on request. */
export type Loaded<Data> =
  | { readonly is: "loading" }
  | { readonly is: "ready"; readonly data: Data }
  | { readonly is: "failed"; readonly problem: RequestProblem };

/** Reads data of the host when a component is shown, and when the path changes. */
export function useData<Data>(path: string): readonly [Loaded<Data>, reload: () => void] {
  const [loaded, setLoaded] = useState<Loaded<Data>>({ is: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    setLoaded((before) => (attempt > 0 && before.is === "ready" ? before : { is: "loading" }));
    read<Data>(path, leave.signal).then(
      (data) => setLoaded({ is: "ready", data }),
      (thrown: unknown) => {
        if (leave.signal.aborted) return;
        const problem = thrown instanceof RequestProblem ? thrown : new RequestProblem(0, "INTERNAL", String(thrown));
        if (problem.status === 401) live.loggedOut.set(true);
        setLoaded({ is: "failed", problem });
      },
    );
    return () => leave.abort();
  }, [path, attempt]);
  return [loaded, () => setAttempt((count) => count + 1)];
}
