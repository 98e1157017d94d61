import { RequestProblem } from "./api.ts";
import { decoded } from "./route.ts";

/** The token in an address that the host has printed. The fragment is not sent to the server. */
const TOKEN = /^#token=(.+)$/;

/** What the address contained when the page was loaded. */
let token = taken();

// An address with a token that is opened in the tab of the page changes only the fragment.
addEventListener("hashchange", () => {
  if (TOKEN.test(location.hash)) location.reload();
});

/**
 * Logs in with the token of the address, if there is one that no login has used. A token that the host has not
 * answered about is kept for the next attempt. Rejects with the {@link RequestProblem} of `login`.
 */
export async function use(login: (token: string) => Promise<unknown>): Promise<void> {
  if (token === undefined) return;
  try {
    await login(token);
  } catch (thrown) {
    if (thrown instanceof RequestProblem && thrown.code !== "UNREACHABLE") token = undefined;
    throw thrown;
  }
  token = undefined;
}

/** Removes the token from the address and the history before anything else changes the address. */
function taken(): string | undefined {
  const [, found] = TOKEN.exec(location.hash) ?? [];
  if (found === undefined) return undefined;
  history.replaceState(null, "", "/");
  return decoded(found);
}
