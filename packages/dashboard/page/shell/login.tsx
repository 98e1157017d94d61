import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Mark } from "../parts/icons.tsx";
import { act } from "../state/api.ts";

/** Asks for the token of the dashboard. */
export function Login({ onLogin }: { readonly onLogin: () => void }): JSX.Element {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await act("/api/login", { token: token.trim() });
      onLogin();
    } catch (thrown) {
      setProblem(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };
  return (
    <main class="splash">
      <form
        class="login"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Mark />
        <h1>Snakepit dashboard</h1>
        <p>
          Enter the token of this host. <code>pit.dashboard()</code> returns it, together with an address that contains
          it.
        </p>
        <label>
          <span>Token</span>
          <input
            type="password"
            name="token"
            autocomplete="off"
            spellcheck={false}
            value={token}
            aria-describedby={problem === undefined ? undefined : "login-problem"}
            aria-invalid={problem !== undefined}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        {problem !== undefined && (
          <p id="login-problem" class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button primary" disabled={busy || token.trim() === ""}>
          Open the dashboard
        </button>
      </form>
    </main>
  );
}
