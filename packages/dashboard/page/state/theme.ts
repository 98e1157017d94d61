import { Store } from "./store.ts";

/** The colors: those of the system, or one of the two. */
export type Theme = "system" | "light" | "dark";

const KEY = "snakepit-theme";

const stored = localStorage.getItem(KEY);

export const theme = new Store<Theme>(stored === "light" || stored === "dark" ? stored : "system");

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** Changes with the colors that are in use, so that charts are drawn again. */
export const isDark = new Store(darkNow());

applyTheme();
theme.subscribe(applyTheme);
systemIsDark.addEventListener("change", () => isDark.set(darkNow()));

function applyTheme(): void {
  const { state } = theme;
  if (state === "system") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset["theme"];
  } else {
    localStorage.setItem(KEY, state);
    document.documentElement.dataset["theme"] = state;
  }
  isDark.set(darkNow());
}

function darkNow(): boolean {
  return theme.state === "dark" || (theme.state === "system" && systemIsDark.matches);
}
