import type { ComponentChildren, JSX } from "preact";
import type { RequestProblem } from "../state/api.ts";
import type { Loaded } from "../state/use-data.ts";
import { Icon, type IconName } from "./icons.tsx";

/** What a state means: green, blue, amber, red or gray. */
export type Tone = "good" | "busy" | "warn" | "bad" | "quiet";

/** A short word for a state, with a color and a shape, so that the color is not the only sign. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** A figure with its name. */
export function Figure(props: {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly tone?: Tone;
  readonly id?: string;
}): JSX.Element {
  return (
    <div class={`figure ${props.tone ?? ""}`}>
      <dt>{props.label}</dt>
      <dd>
        <span class="value" data-figure={props.id}>
          {props.value}
        </span>
        {props.note !== undefined && <span class="note">{props.note}</span>}
      </dd>
    </div>
  );
}

/** A part of a whole as a bar. */
export function Meter(props: {
  readonly label: string;
  readonly part: number;
  readonly tone?: Tone;
  readonly text: string;
}): JSX.Element {
  const part = Math.min(1, Math.max(0, props.part));
  return (
    <div class="meter-row">
      <span class="meter-label">{props.label}</span>
      <div
        class={`meter ${props.tone ?? "busy"}`}
        role="meter"
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(part * 100)}
        aria-valuetext={props.text}
      >
        <div class="meter-bar" style={{ transform: `scaleX(${part})` }} />
      </div>
      <span class="meter-text">{props.text}</span>
    </div>
  );
}

/** What a view shows without data. */
export function Empty(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <Icon name={props.icon} />
      <p class="empty-title">{props.title}</p>
      {props.children !== undefined && <p class="empty-text">{props.children}</p>}
    </div>
  );
}

/** Gray shapes in place of what is loading. */
export function Loading({ rows = 4 }: { readonly rows?: number }): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} class="skeleton" />
      ))}
    </div>
  );
}

/** Why data could not be read, with another attempt. */
export function Failed(props: { readonly problem: RequestProblem; readonly onRetry: () => void }): JSX.Element {
  return (
    <div class="empty failed" role="alert">
      <Icon name="errors" />
      <p class="empty-title">{props.problem.code}</p>
      <p class="empty-text">{props.problem.message}</p>
      <button type="button" class="button" onClick={props.onRetry}>
        <Icon name="reload" /> Try again
      </button>
    </div>
  );
}

/** Shows data, or that it is loading, or why it could not be read. */
export function Data<Value>(props: {
  readonly from: Loaded<Value>;
  readonly onRetry: () => void;
  readonly children: (value: Value) => ComponentChildren;
}): JSX.Element {
  const { from } = props;
  switch (from.is) {
    case "loading":
      return <Loading />;
    case "failed":
      return <Failed problem={from.problem} onRetry={props.onRetry} />;
    default:
      return <>{props.children(from.data)}</>;
  }
}

/** The title of a view, and its controls. */
export function ViewHeader(props: {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <header class="view-header">
      <div>
        <h1>{props.title}</h1>
        {props.note !== undefined && <p class="note">{props.note}</p>}
      </div>
      {props.children !== undefined && <div class="controls">{props.children}</div>}
    </header>
  );
}

/** A field that filters a list. */
export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label class="search">
      <Icon name="search" />
      <span class="visually-hidden">{props.label}</span>
      <input
        type="search"
        placeholder={props.label}
        value={props.value}
        onInput={({ currentTarget }) => props.onChange(currentTarget.value)}
      />
    </label>
  );
}

/** A choice of one value. */
export function Select<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly values: readonly (readonly [value: Value, text: string])[];
  readonly onChange: (value: Value) => void;
}): JSX.Element {
  return (
    <label class="select">
      <span class="visually-hidden">{props.label}</span>
      <select value={props.value} onChange={({ currentTarget }) => props.onChange(currentTarget.value as Value)}>
        {props.values.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Buttons of which one is pressed. */
export function Tabs<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly values: readonly (readonly [value: Value, text: string])[];
  readonly onChange: (value: Value) => void;
}): JSX.Element {
  return (
    <fieldset class="tabs">
      <legend class="visually-hidden">{props.label}</legend>
      {props.values.map(([value, text]) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}
