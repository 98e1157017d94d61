// Checks errors of two installed copies of @snakepit/core against each other's class: prints the results of instanceof.
import { pathToFileURL } from "node:url";
import * as first from "@snakepit/core";

const second = await import(pathToFileURL(process.argv[2]).href);

const errorOf = ({ SnakepitError }) => new SnakepitError("CANCELLED", "no");
const subclassOf = ({ SnakepitError }) => class extends SnakepitError {};
const foreign = Object.assign(new Error("no"), { name: "SnakepitError", code: "CANCELLED", retryable: false });
const [SubclassOfFirst, SubclassOfSecond] = [subclassOf(first), subclassOf(second)];
const others = [foreign, { ...errorOf(second), name: "SnakepitError", message: "no" }, null, "SnakepitError"];

console.log(
  JSON.stringify({
    isOneClass: first.SnakepitError === second.SnakepitError,
    ofSecondInFirst: errorOf(second) instanceof first.SnakepitError,
    ofFirstInSecond: errorOf(first) instanceof second.SnakepitError,
    subclassOfSecondInFirst: new SubclassOfSecond("CANCELLED", "no") instanceof first.SnakepitError,
    inSubclass: errorOf(second) instanceof SubclassOfFirst,
    unchanged: (({ toSnakepitError }, error) => toSnakepitError(error) === error)(first, errorOf(second)),
    others: others.map((value) => value instanceof first.SnakepitError || value instanceof second.SnakepitError),
  }),
);
