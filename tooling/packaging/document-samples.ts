import { globSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** The documents whose samples compile, as patterns relative to the workspace. */
const DOCUMENTS = ["README.md", "docs/*.md", "packages/*/README.md"];

/** What samples import in addition to our packages; the examples have them installed. */
const FRAMEWORKS = [
  "@opentelemetry/api",
  "@opentelemetry/exporter-trace-otlp-http",
  "@opentelemetry/sdk-trace-node",
  "express",
  "@types/express",
  "fastify",
  "vitest",
  "zod",
];

/**
 * A module with the names that samples in documents use without a declaration. Not a `.d.ts` file: the compiler would
 * not check it.
 */
const SAMPLE_CONTEXT = `
export {};

declare global {
  const Snakepit: typeof import("snakepit").Snakepit;
  const python: typeof import("snakepit").python;
  const pit: import("snakepit").Snakepit;

  const ndarray: typeof import("snakepit").ndarray;
  const lines: (signal: AbortSignal) => Promise<readonly string[]>;
  const index: { search(query: string): Promise<readonly string[]> };
  const pino: () => import("snakepit").Logger;
}
`;

/** Writes the TypeScript samples of all documents, and what they need to compile, into a new folder. */
export function writeSamples(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of FRAMEWORKS) {
    const installed = realpathSync(join(root, "apps/examples/node_modules", name));
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(installed, link);
  }
  writeFileSync(join(folder, "context.ts"), SAMPLE_CONTEXT);
  for (const document of globSync(DOCUMENTS, { cwd: root })) {
    const place = join(folder, document.replaceAll("/", "-"));
    mkdirSync(place);
    for (const [index, block] of codeBlocks(readFileSync(join(root, document), "utf8"), "ts").entries()) {
      writeFileSync(join(place, fileNameIn(block) ?? `${index}.ts`), `${block}\nexport {};\n`);
    }
  }
}

/** Returns the code blocks of a Markdown document in this language, in order. */
export function codeBlocks(markdown: string, language: string): readonly string[] {
  const blocks = markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, marked, text = ""]) => (marked === language ? [text] : [])).flat();
}

/** Returns the file that the first line of a sample names: other samples of its document import it. */
function fileNameIn(block: string): string | undefined {
  return /^\/\/ ([\w.-]+\.ts)\n/.exec(block)?.[1];
}
