import type { GenericSchema } from "valibot";

/** One option of the configuration: its accepted and resolved values, and its documentation. */
export type Option<Resolved> = ValueOption<Resolved> | GroupOption<Resolved> | NamedGroupsOption<Resolved>;

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
  readonly each?: never;
}

/** The options of a nested object, each of which is optional. */
export type GroupTable<Resolved> = {
  readonly [Name in keyof Resolved]: ValueOption<Resolved[Name]>;
};

/** A nested object of options, each of which is optional. */
export interface GroupOption<Resolved> extends Described {
  readonly group: GroupTable<NonNullable<Resolved>>;
  readonly fallback: { readonly text: string };
  /** Whether the resolved value is `undefined` without the object; otherwise, each option then has its default. */
  readonly isOff?: boolean;
  readonly each?: never;
}

/** An object that maps names to objects of options, each of which is optional. */
export interface NamedGroupsOption<Resolved> extends Described {
  readonly each: GroupTable<Resolved[keyof Resolved]>;
  /** Type of one object as users set it, and of the resolved one, in TypeScript. */
  readonly itemTypes: readonly [input: string, resolved: string];
  readonly fallback: { readonly text: string };
  readonly group?: never;
}

/** A default: its value on this machine and its form in the documentation. */
export interface Fallback<Resolved> {
  readonly value: () => Resolved;
  readonly text: string;
}

/** Options by name, in the order of the documentation. */
export type OptionTable<Resolved> = { readonly [Name in keyof Resolved]: Option<Resolved[Name]> };
