import type { HostIdentity } from "@snakepit/core";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName, Mark } from "../parts/icons.tsx";
import { type ConnectionState, live } from "../state/live-connection.ts";
import { dismiss, notices } from "../state/notices.ts";
import { addressOf, route, VIEWS, type ViewName } from "../state/route.ts";
import { useStore } from "../state/store.ts";
import { type Theme, theme } from "../state/theme.ts";

const TITLES: Readonly<Record<ViewName, string>> = {
  overview: "Overview",
  workers: "Workers",
  calls: "Calls",
  errors: "Errors",
  sessions: "Sessions",
  events: "Events",
  configuration: "Configuration",
};

/** The frame of all views: the navigation, the state of the connection, and messages about actions. */
export function Shell(props: {
  readonly host: HostIdentity;
  readonly onLogout: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { view } = useStore(route, (state) => state);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${TITLES[view]} · ${props.host.hostname} · Snakepit`;
    main.current?.scrollTo(0, 0);
  }, [view, props.host]);
  return (
    <div class="shell">
      <button type="button" class="skip-link" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <aside class="sidebar">
        <div class="brand">
          <Mark />
          <span>Snakepit</span>
        </div>
        <nav aria-label="Views">
          {VIEWS.map((name) => (
            <a key={name} href={addressOf(name)} aria-current={name === view ? "page" : undefined}>
              <Icon name={name} />
              <span>{TITLES[name]}</span>
            </a>
          ))}
        </nav>
        <HostCard host={props.host} />
        <div class="sidebar-actions">
          <ThemeButton />
          <button type="button" class="icon-button" aria-label="Log out" title="Log out" onClick={props.onLogout}>
            <Icon name="leave" />
          </button>
        </div>
      </aside>
      <div class="content">
        <ConnectionBanner />
        <main id="main" ref={main} tabIndex={-1}>
          {props.children}
        </main>
      </div>
      <Notices />
    </div>
  );
}

function HostCard({ host }: { readonly host: HostIdentity }): JSX.Element {
  const { is } = useStore(live.status, (state) => state);
  return (
    <div class="host-card">
      <p class="host-name" title={host.command.join(" ")}>
        {host.hostname}
      </p>
      <p class="note">
        PID {host.pid} · Node {host.versions.node.replace(/^v/, "")}
      </p>
      <p class={`connection ${is}`} role="status">
        <span class="dot" aria-hidden="true" />
        {CONNECTION[is]}
      </p>
    </div>
  );
}

const CONNECTION: Readonly<Record<ConnectionState["is"], string>> = {
  connecting: "Connecting",
  live: "Live",
  paused: "Paused",
  lost: "Disconnected",
  problem: "No data",
};

/** Reports a lost connection above all views, whose data is then out of date. */
function ConnectionBanner(): JSX.Element | null {
  const status = useStore(live.status, (state) => state);
  if (status.is !== "lost" && status.is !== "problem") return null;
  const text =
    status.is === "lost"
      ? "The host does not answer. What you see is the last known state; the page reconnects by itself."
      : `The host could not collect its state: ${status.message}`;
  return (
    <div class="banner" role="alert">
      <Icon name="errors" />
      <p>{text}</p>
      {status.is === "lost" && (
        <button type="button" class="button" onClick={() => live.retryNow()}>
          Reconnect now
        </button>
      )}
    </div>
  );
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };

const THEME_ICONS: Readonly<Record<Theme, IconName>> = { system: "system", light: "sun", dark: "moon" };

function ThemeButton(): JSX.Element {
  const current = useStore(theme, (state) => state);
  const label = `Colors: ${current === "system" ? "as in the system" : current}. Change to ${NEXT_THEME[current]}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={() => theme.set(NEXT_THEME[current])}
    >
      <Icon name={THEME_ICONS[current]} />
    </button>
  );
}

function Notices(): JSX.Element {
  const shown = useStore(notices, (state) => state);
  return (
    <div class="notices" role="status" aria-live="polite">
      {shown.map(({ id, kind, text }) => (
        <div key={id} class={`notice ${kind}`}>
          <p>{text}</p>
          {kind !== "pending" && (
            <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
              <Icon name="close" />
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
