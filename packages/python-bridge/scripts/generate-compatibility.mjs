// Writes the table of libraries as a TypeScript module and as a document, so that both languages and the documentation
// have the same data. With --check, writes nothing and fails if a file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";

const COMMAND = "pnpm --filter @snakepit/python-bridge run generate:compatibility";
const root = resolve(import.meta.dirname, "../../..");
const SOURCE = "packages/python-bridge/python/src/snakepit_bridge/_compatibility/libraries.json";
const table = JSON.parse(readFileSync(resolve(root, SOURCE), "utf8"));

const FILES = {
  [resolve(root, "packages/python-bridge/src/gen/libraries.ts")]: moduleText(),
  [resolve(root, "docs/compatibility.md")]: documentText(),
};

function moduleText() {
  return `// Generated from ${SOURCE} by \`${COMMAND}\`; not to be edited.
import type { LibraryTable } from "../compatibility/library-table.ts";

export const TABLE: LibraryTable = {
  revised: ${JSON.stringify(table.revised)},
  libraries: [
${table.libraries.map((library) => `    ${JSON.stringify(library)},\n`).join("")}  ],
};
`;
}

function documentText() {
  const counts = ["yes", "conditional", "no", "unknown"].map(
    (verdict) => `${table.libraries.filter(({ threads }) => threads.safe === verdict).length} ${verdict}`,
  );
  return `<!-- Generated from ${SOURCE} by \`${COMMAND}\`; not to be edited. -->

# Compatibility of libraries

Which Python libraries may be used in several threads, in workers that are forked, and without the global interpreter
lock. The table has ${table.libraries.length} libraries; it was last revised on ${table.revised}. For thread safety, the answers are:
${counts.join(", ")}. *Unknown* means that no statement of the library
was found: treat it as *no* until you have checked.

| column | *yes* | *conditional* | *no* |
|---|---|---|---|
| threads | threads may share the usual objects | only under the condition in the notes | two threads must never use it at the same time |
| fork | the import may happen before the workers are forked | only under the condition in the notes | use \`startMethod: "spawn"\` |
| free-threading | supported by Python without the lock, since the version | – | no release supports it; its import may enable the lock |

For free-threading, *experimental* means that the maintainers call the support unstable, beta, preliminary or
experimental, or publish wheels without a statement about them, and *pure Python* that the library needs no other build.

A fork was tested as follows, on Linux with Python 3.11: a process imports the library and forks, and the child uses
it. For *yes*, the parent had used the library before the fork, too.

[Environment](environment.md#compatibility) explains \`compatibility.check()\` and the report about the imports of a
module. [Thread safety](thread-safety.md#libraries) explains what workers do with the answers.

## Overview

| library | modules | threads | fork | free-threading |
|---|---|---|---|---|
${table.libraries.map(row).join("\n")}

## Notes

${table.libraries.map(section).join("\n\n")}
`;
}

function row({ name, modules, threads, fork, freeThreading }) {
  return `| [${name}](#${anchor(name)}) | ${modules.map((each) => `\`${each}\``).join(", ")} | ${threads.safe} | ${fork.safe} | ${support(freeThreading)} |`;
}

function support({ support, since }) {
  const answer = support === "pure-python" ? "pure Python" : support;
  return since === undefined ? answer : `${answer}, since ${since}`;
}

function section({ name, distributions, threads, fork, freeThreading }) {
  const packages = distributions.length > 0 ? distributions.map((each) => `\`${each}\``).join(", ") : "part of Python";
  const older = threads.before === undefined ? "" : ` Older versions: ${threads.before.safe}; ${threads.before.notes}.`;
  const evidence = [
    ...(fork.tested === undefined ? [] : [`tested with ${fork.tested}`]),
    ...(fork.source === undefined ? [] : [link(fork.source)]),
  ].join(", ");
  return `### ${name}

Package: ${packages}.

- **Threads: ${threads.safe}.** ${sentence(threads.notes)} What to do: ${threads.workaround}.${older} (${link(threads.source)})
- **Fork: ${fork.safe}.** ${sentence(fork.notes)}${evidence === "" ? "" : ` (${evidence})`}
- **Free-threading: ${support(freeThreading)}.** ${freeThreading.notes === undefined ? "" : `${sentence(freeThreading.notes)} `}(${link(freeThreading.source)})`;
}

function sentence(notes) {
  // Names such as "PubSub" and "CUDA" keep their spelling, and so do functions.
  const first = notes.split(/[\s,;:]/)[0];
  return `${/^[a-z]+$/.test(first) ? notes[0].toUpperCase() + notes.slice(1) : notes}.`;
}

function link(source) {
  return `[source](${source})`;
}

/** Returns the anchor of a heading on GitHub. */
function anchor(name) {
  return name
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

for (const [file, content] of Object.entries(FILES)) {
  if (!process.argv.includes("--check")) {
    writeFileSync(file, content);
  } else if (readFileSync(file, "utf8") !== content) {
    process.stderr.write(`${relative(root, file)} is out of date; run: ${COMMAND}\n`);
    process.exitCode = 1;
  }
}
