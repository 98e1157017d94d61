import type { GenericSchema } from "valibot";

/** One option of the configuration: its accepted and resolved values, and its documentation. */
export type Option<Resolved> = ValueOption<Resolved> | GroupOption<Resolved>;

interface Described {
  /** What the option does, in sentences; becomes the doc comment of the type and the text of the documentation. */
  readonly doc: string;
  /** An example, in TypeScript. */
  readonly example: string;
  /** Type of the option as users set it, in TypeScript. */
  readonly inputType: string;
  /** Type of the resolved value, in TypeScript. */
  readonly resolvedType: string;
  /** The accepted values, completing "must be". */
  readonly expects: string;
}

/** An option with a value. */
export interface ValueOption<Resolved> extends Described {
  /** Validates the value and converts it to the resolved value. */
  readonly schema: GenericSchema<unknown, Resolved>;
  /** The default; absent for a required option. */
  readonly fallback?: Fallback<Resolved>;
  /** The accepted items, completing "must be", if the value is an array or an object of items. */
  readonly expectsInside?: string;
  /** Returns the remedy for a frequent mistake; `undefined` for other values. */
  readonly remedy?: (value: unknown) => string | undefined;
  /** Whether the value may contain a secret and must not appear in messages. */
  readonly secret?: boolean;
  readonly group?: never;
}

/** A nested object of options, each of which is optional. */
export interface GroupOption<Resolved> extends Described {
  readonly group: { readonly [Name in keyof Resolved]: ValueOption<Resolved[Name]> };
  readonly fallback: { readonly text: string };
}

/** A default: its value on this machine and its form in the documentation. */
export interface Fallback<Resolved> {
  readonly value: () => Resolved;
  readonly text: string;
}

/** Options by name, in the order of the documentation. */
export type OptionTable<Resolved> = { readonly [Name in keyof Resolved]: Option<Resolved[Name]> };
