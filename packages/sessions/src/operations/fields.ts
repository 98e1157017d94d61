import { describeValue, SnakepitError } from "@snakepit/core";

/** What came with a request: a map, read field by field. Every mistake is an `INVALID_ARGUMENT` that names method and field. */
export class Fields {
  readonly method: string;
  readonly #map: Readonly<Record<string, unknown>>;

  /** @param payload a map, or nothing, which is an empty one. */
  constructor(method: string, payload: unknown) {
    this.method = method;
    if (payload !== undefined && payload !== null && !isMap(payload)) {
      throw this.#invalid(`takes a map of fields, not ${describeValue(payload)}`);
    }
    this.#map = (payload ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** The value of a field, whatever it is; `undefined` when it is left out. */
  value(name: string): unknown {
    return Object.hasOwn(this.#map, name) ? this.#map[name] : undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#wrong(name, "a text");
  }

  /** `undefined` when it is left out or null. */
  optionalText(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || value === null) return undefined;
    return typeof value === "string" ? value : this.#wrong(name, "a text");
  }

  texts(name: string): readonly string[] {
    return this.optionalTexts(name) ?? this.#wrong(name, "a list of texts");
  }

  optionalTexts(name: string): readonly string[] | undefined {
    const value = this.value(name);
    if (value === undefined || value === null) return undefined;
    const isTexts = Array.isArray(value) && value.every((each) => typeof each === "string");
    return isTexts ? value : this.#wrong(name, "a list of texts");
  }

  /** A whole number from 0 on; `undefined` when it is left out or null. */
  optionalCount(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined || value === null) return undefined;
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : this.#wrong(name, "a count");
  }

  /** `false` when it is left out or null. */
  flag(name: string): boolean {
    const value = this.value(name);
    if (value === undefined || value === null) return false;
    return typeof value === "boolean" ? value : this.#wrong(name, "true or false");
  }

  map(name: string): Readonly<Record<string, unknown>> {
    return this.optionalMap(name) ?? this.#wrong(name, "a map");
  }

  /** `undefined` when it is left out or null. */
  optionalMap(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.value(name);
    if (value === undefined || value === null) return undefined;
    return isMap(value) ? value : this.#wrong(name, "a map");
  }

  /** A list of maps, each to be read on its own. */
  list(name: string): Fields[] {
    const value = this.value(name);
    if (!Array.isArray(value)) return this.#wrong(name, "a list of maps");
    return value.map((each, index) => new Fields(`${this.method}: ${name}[${index}]`, each));
  }

  #wrong(name: string, wanted: string): never {
    const value = this.value(name);
    throw this.#invalid(
      value === undefined ? `lacks ${name}, ${wanted}` : `takes ${wanted} as ${name}, not ${describeValue(value)}`,
    );
  }

  #invalid(what: string): SnakepitError {
    return new SnakepitError("INVALID_ARGUMENT", `${this.method} ${what}`, { details: { method: this.method } });
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
