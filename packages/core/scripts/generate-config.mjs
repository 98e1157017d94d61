// Generates the configuration interfaces and the documentation from the option tables, so that they cannot differ.
// With --check, it writes nothing and fails if a file is out of date.
import { HOST_OPTIONS } from "../src/config/host-options.ts";
import { POOL_OPTIONS } from "../src/config/pool-options.ts";
import { cell, docComment, writeOrCheck } from "./generated-files.mjs";

const COMMAND = "pnpm --filter @snakepit/core run generate:config-docs";

writeOrCheck(
  {
    "packages/core/src/config/gen/config-types.ts": configTypes(),
    "docs/configuration.md": documentation(),
  },
  COMMAND,
);

function configTypes() {
  const groups = [...groupsOf(POOL_OPTIONS), ...groupsOf(HOST_OPTIONS)];
  return `// Generated from pool-options.ts and host-options.ts by \`${COMMAND}\`; not to be edited.
import type { BridgeListenOptions } from "../../ports/bridge-server.ts";
import type { DashboardOptions } from "../../ports/dashboard-server.ts";
import type { Instrumentation, Logger } from "../../ports/instrumentation.ts";
import type { ProcessRegistry } from "../../ports/process-registry.ts";
import type { StateStore } from "../../ports/state-store.ts";
import type { WorkerSpec } from "../../ports/worker-spec.ts";
import type { Duration } from "../../time/duration.ts";
import type { Fallback } from "../fallback.ts";
import type { RegistryLocation, StoreLocation } from "../locations.ts";
import type { PoolSize } from "../pool-size.ts";

${inputInterface("PoolConfig", "The options of a pool.", POOL_OPTIONS)}
${resolvedInterface("ResolvedPoolConfig", "The effective options of a pool, with every default filled in. Durations are milliseconds.", POOL_OPTIONS)}
${inputInterface("HostConfig", "The options of a host, which apply to all its pools.", HOST_OPTIONS)}
${resolvedInterface("ResolvedHostConfig", "The effective options of a host, with every default filled in.", HOST_OPTIONS)}
${groups.map(({ name, types, table }) => inputInterface(types[0], `See \`${name}\`.`, table) + resolvedInterface(types[1], `See \`${name}\`; every default is filled in.`, table)).join("\n")}`;
}

function inputInterface(name, doc, table) {
  const properties = Object.entries(table).map(([key, { doc, fallback, example, inputType }]) => {
    const type = fallback === undefined ? inputType : `${inputType} | undefined`;
    const comment = `${doc}${fallback === undefined ? "" : ` Default: ${fallback.text}.`}\n\n@example \`${example}\``;
    return `${docComment(comment, "  ")}  readonly ${key}${fallback === undefined ? "" : "?"}: ${type};\n`;
  });
  return `${docComment(doc, "")}export interface ${name} {\n${properties.join("")}}\n`;
}

function resolvedInterface(name, doc, table) {
  const properties = Object.entries(table).map(
    ([key, option]) => `${docComment(option.doc, "  ")}  readonly ${key}: ${option.resolvedType};\n`,
  );
  return `${docComment(doc, "")}export interface ${name} {\n${properties.join("")}}\n`;
}

function documentation() {
  return `<!-- Generated from packages/core/src/config by \`${COMMAND}\`; not to be edited. -->

# Configuration

\`Snakepit.start()\` takes one object and validates it completely before it starts anything. An invalid configuration
rejects with \`INVALID_CONFIG\`. The message and \`error.details.problems\` list every problem with its path and its rule.

A single pool is named \`default\`, and its options are next to those of the host:

\`\`\`ts
await using pit = await Snakepit.start({ worker: python("./tools.py"), size: 4 });
\`\`\`

Several pools are configured by name:

\`\`\`ts
await using pit = await Snakepit.start({
  pools: {
    default: { worker: python("./tools.py"), size: 4 },
    ml: { worker: python("models:Predictor"), size: 2, executeTimeoutMs: "2m" },
  },
});
await pit.pool("ml").execute("predict", { text: "…" });
\`\`\`

To type-check the configuration in a separate file, such as \`snakepit.config.ts\`:

\`\`\`ts
import { defineConfig, python } from "snakepit";

export default defineConfig({ worker: python("./tools.py"), size: 4 });
\`\`\`

The command \`snakepit\` finds that file; [configuration files](configuration-files.md) describes how, and how to load it.

A duration is a number of milliseconds, or a string with a unit: \`"250ms"\`, \`"30s"\`, \`"5m"\`, \`"1h"\`, \`"1d"\`.
\`pit.config\` is the effective configuration, with all defaults filled in and secrets masked.

## Pool options

${optionTable(POOL_OPTIONS)}
${groupSections(POOL_OPTIONS)}## Host options

${optionTable(HOST_OPTIONS)}
${groupSections(HOST_OPTIONS)}`
    .trimEnd()
    .concat("\n");
}

function groupSections(table) {
  return groupsOf(table)
    .map(({ name, option, table }) => `### \`${name}\`\n\n${option.doc}\n\n${optionTable(table)}\n`)
    .join("");
}

function optionTable(table) {
  const rows = Object.entries(table).map(([name, { doc, expects, example, fallback }]) => {
    const standard = fallback === undefined ? "required" : fallback.text;
    return `| \`${name}\` | ${cell(doc)} | ${cell(expects).replaceAll(/\{ \w+ \}|"[\w-]+"/g, "`$&`")} | ${cell(standard)} | \`${cell(example)}\` |`;
  });
  return `| option | what it does | value | default | example |\n|---|---|---|---|---|\n${rows.join("\n")}\n`;
}

function groupsOf(table) {
  return Object.entries(table).flatMap(([name, option]) => {
    if (option.group !== undefined) {
      const types = [option.inputType, option.resolvedType.replace(" | undefined", "")];
      return [{ name, option, types, table: option.group }];
    }
    if (option.each === undefined) return [];
    return [{ name: `${name}.<name>`, option, types: option.itemTypes, table: option.each }];
  });
}
