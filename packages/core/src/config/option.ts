import type { GenericSchema } from "valibot";

/** One entry of the configuration: what is accepted, what it becomes, and what documents and messages say of it. */
export type Option<Resolved> = ValueOption<Resolved> | GroupOption<Resolved>;

interface Described {
  /** What it does, in sentences; becomes the doc comment of the type and the text of the documentation. */
  readonly doc: string;
  /** A line that a user could write. */
  readonly example: string;
  /** Type of what the user writes, as TypeScript source. */
  readonly inputType: string;
  /** Type of what it becomes, as TypeScript source. */
  readonly resolvedType: string;
  /** What is accepted, completing "is …, not". */
  readonly expects: string;
}

/** An option with a value of its own. */
export interface ValueOption<Resolved> extends Described {
  /** Checks what the user wrote and turns it into what it becomes. */
  readonly schema: GenericSchema<unknown, Resolved>;
  /** What it becomes when it is left out; absent when it must be given. */
  readonly fallback?: Fallback<Resolved>;
  /** What is accepted in each place, when the value is a list or an object of such. */
  readonly expectsInside?: string;
  /** What to write instead of a value that is often given; `undefined` for others. */
  readonly remedy?: (value: unknown) => string | undefined;
  /** Whether its value may hold a secret and is kept out of messages. */
  readonly secret?: boolean;
  readonly group?: never;
}

/** Options that stand together in an object of their own; each may be left out. */
export interface GroupOption<Resolved> extends Described {
  readonly group: { readonly [Name in keyof Resolved]: ValueOption<Resolved[Name]> };
  readonly fallback: { readonly text: string };
}

/** A default: its value on this machine and how it is written in documents. */
export interface Fallback<Resolved> {
  readonly value: () => Resolved;
  readonly text: string;
}

/** Options by name, in the order in which documents list them. */
export type OptionTable<Resolved> = { readonly [Name in keyof Resolved]: Option<Resolved[Name]> };
