import type { UnsendableReason } from "../unsendable-reason.ts";

const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * Returns why a collection or a date with properties of its own cannot be sent: they would be lost. Undefined when it has
 * none, or none with a value.
 */
export function addedPropertiesReason(
  className: "Map" | "Set" | "Date" | "Array",
  value: object,
): UnsendableReason | undefined {
  const names = Object.keys(value).filter(
    (name) => (value as Record<string, unknown>)[name] !== undefined && !(className === "Array" && INDEX.test(name)),
  );
  if (names.length === 0) return undefined;
  const content = className === "Date" ? "date: new Date(value)" : "items: [...value]";
  const properties = names.map((name) => `${JSON.stringify(name)}: value[${JSON.stringify(name)}]`);
  return {
    what: `${className === "Array" ? "an Array" : `a ${className}`} with the property ${names.join(", ")}`,
    remedy: `send { ${[content, ...properties].join(", ")} }`,
  };
}
