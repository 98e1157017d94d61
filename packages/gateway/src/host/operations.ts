/**
 * What the service asks of its host, by method: what goes in and what comes out. Values are decoded; times are
 * milliseconds since 1970. The session is that of the context.
 */
export interface Operations {
  /** Makes the session, or finds it. The id is here and not in the context, since it may be left to the host. */
  readonly "session.open": {
    readonly payload: {
      readonly id: string | undefined;
      /** Absent: the host's default; `null`: for ever. */
      readonly ttl_ms: number | null | undefined;
      readonly metadata: Readonly<Record<string, unknown>> | undefined;
    };
    readonly answer: SessionAnswer;
  };
  readonly "session.get": { readonly payload: NoPayload; readonly answer: SessionAnswer };
  readonly "session.touch": { readonly payload: NoPayload; readonly answer: SessionAnswer };
  readonly "session.update": {
    readonly payload: {
      readonly metadata: Readonly<Record<string, unknown>>;
      /** The version that has to be there; absent for any. */
      readonly version: number | undefined;
    };
    readonly answer: SessionAnswer;
  };
  readonly "session.close": { readonly payload: NoPayload; readonly answer: { readonly closed: boolean } };
  readonly "session.list": {
    readonly payload: { readonly after: string | undefined; readonly limit: number | undefined };
    readonly answer: { readonly sessions: readonly SessionAnswer[] };
  };
  readonly "session.stats": {
    readonly payload: NoPayload;
    readonly answer: {
      readonly live: number;
      readonly expired: number;
      readonly attended: number;
      readonly store: string;
      readonly variables: number;
      readonly programs: number;
    };
  };

  readonly "variables.register": {
    readonly payload: {
      readonly name: string;
      readonly type: string;
      readonly value: unknown;
      readonly constraints: Constraints;
      readonly metadata: Readonly<Record<string, unknown>>;
    };
    readonly answer: VariableAnswer;
  };
  /** Variables that are not there are left out. */
  readonly "variables.get": {
    readonly payload: { readonly names: readonly string[] };
    readonly answer: {
      readonly variables: Readonly<Record<string, VariableAnswer>> | ReadonlyMap<string, VariableAnswer>;
    };
  };
  readonly "variables.describe": {
    readonly payload: { readonly name: string };
    readonly answer: VariableAnswer & {
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly created_at: number;
      readonly updated_at: number;
      readonly updated_by: string;
      readonly previous: {
        readonly value: unknown;
        readonly version: number;
        readonly updated_at: number;
        readonly updated_by: string;
      } | null;
    };
  };
  readonly "variables.set": {
    readonly payload: {
      readonly writes: readonly {
        readonly name: string;
        readonly value: unknown;
        /** The version that has to be there; `null` for any. */
        readonly version: number | null;
      }[];
      readonly atomic: boolean;
    };
    /** One outcome for each write, in order. An atomic batch that is not written is a rejection. */
    readonly answer: { readonly outcomes: readonly WriteOutcome[] };
  };
  readonly "variables.delete": {
    readonly payload: { readonly names: readonly string[] };
    readonly answer: { readonly deleted: readonly string[] };
  };
  readonly "variables.list": {
    readonly payload: { readonly pattern: string };
    readonly answer: {
      readonly variables: readonly (VariableAnswer & {
        readonly name: string;
        readonly metadata: Readonly<Record<string, unknown>>;
      })[];
    };
  };

  readonly "programs.store": {
    readonly payload: Scoped & { readonly id: string; readonly document: unknown };
    readonly answer: { readonly version: number };
  };
  readonly "programs.get": {
    readonly payload: Scoped & { readonly id: string };
    readonly answer: { readonly document: unknown; readonly version: number };
  };
  readonly "programs.update": {
    readonly payload: Scoped & {
      readonly id: string;
      readonly document: unknown;
      /** The version that has to be there; absent for any. */
      readonly version: number | undefined;
    };
    readonly answer: { readonly version: number };
  };
  readonly "programs.delete": {
    readonly payload: Scoped & { readonly ids: readonly string[] };
    readonly answer: { readonly deleted: readonly string[] };
  };
  readonly "programs.list": {
    readonly payload: Scoped & { readonly pattern: string };
    readonly answer: {
      readonly programs: readonly { readonly id: string; readonly version: number; readonly updated_at: number }[];
    };
  };
  readonly "programs.execute": {
    readonly payload: {
      readonly command: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly pool: string | undefined;
    };
    readonly answer: { readonly value: unknown };
  };

  readonly "tools.list": {
    readonly payload: NoPayload;
    readonly answer: { readonly tools: readonly HostToolAnswer[] };
  };
  readonly "tools.call": { readonly payload: HostToolCall; readonly answer: { readonly value: unknown } };
}

/** What the service asks of its host and is answered with a stream, by method: what goes in, and each value. */
export interface StreamOperations {
  /** The present values first, then changes. One of names and pattern is `null`. */
  readonly "variables.watch": {
    readonly payload: { readonly names: readonly string[] | null; readonly pattern: string | null };
    readonly answer: {
      readonly name: string;
      /** `null` when it was deleted. */
      readonly type: string | null;
      /** `null` when it was deleted. */
      readonly value: unknown;
      readonly version: number;
      readonly deleted: boolean;
    };
  };
  /** Each value is a chunk. */
  readonly "tools.stream": { readonly payload: HostToolCall; readonly answer: unknown };
}

/** An operation that needs to be told nothing but its session. */
export type NoPayload = Readonly<Record<string, never>>;

/** Whether the programs of the context's session are meant or the global ones. */
export interface Scoped {
  readonly scope: "session" | "global";
}

/** A session. */
export interface SessionAnswer {
  readonly id: string;
  readonly version: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_at: number;
  readonly used_at: number;
  /** `null` for never. */
  readonly expires_at: number | null;
  /** `null` for ever. */
  readonly ttl_ms: number | null;
  readonly last_worker?: string | null | undefined;
}

/** A variable. */
export interface VariableAnswer {
  readonly type: string;
  readonly value: unknown;
  readonly version: number;
  readonly constraints: Constraints;
}

/** What is demanded of a variable's value, as `VariableConstraints` of `@snakepit/sessions` has it. */
export interface Constraints {
  readonly min?: number | bigint | undefined;
  readonly max?: number | bigint | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly pattern?: string | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly dimensions?: number | undefined;
  readonly shape?: readonly (number | null)[] | undefined;
  readonly dtype?: string | undefined;
}

/** What became of one write. */
export type WriteOutcome =
  | { readonly version: number }
  | {
      readonly code: string;
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>> | undefined;
    };

/** A tool of the host. */
export interface HostToolAnswer {
  readonly name: string;
  readonly description: string;
  readonly streaming: boolean;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
    readonly default?: string | null | undefined;
    readonly description?: string | null | undefined;
  }[];
  /** A JSON Schema of its arguments; `null` when it has none. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A call of a host tool. */
export interface HostToolCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}
