import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "freed-memory.ts");
const ROUNDS = 20;
const ARRAYS = 4;
const ARRAY_BYTES = 10_000_000;

/** Prints the page faults of a process that allocates several arrays again and again, and frees them together. */
const PROGRAM = `
const [source, isKept] = process.argv.slice(1);
if (isKept === "true") (await import(source)).keepFreedMemory();
const round = () => {
  for (const array of Array.from({ length: ${ARRAYS} }, () => new ArrayBuffer(${ARRAY_BYTES}))) array.transfer(0);
};
for (let i = 0; i < 3; i++) round();
const before = process.resourceUsage().minorPageFault;
for (let i = 0; i < ${ROUNDS}; i++) round();
console.log(process.resourceUsage().minorPageFault - before);
`;

function pageFaults(isKept: boolean): number {
  const options = { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } } as const;
  return Number(
    execFileSync(process.execPath, ["--input-type=module", "-e", PROGRAM, SOURCE, String(isKept)], options),
  );
}

// Other allocators than glibc's have their own rules.
test.runIf(process.platform === "linux" && "glibcVersionRuntime" in reportHeader())(
  "the memory of large arrays is reused, so that it causes no page faults",
  () => {
    // How many pages one fault maps depends on the system.
    expect(pageFaults(true)).toBeLessThan(pageFaults(false) / 10);
  },
);

function reportHeader(): object {
  return (process.report.getReport() as { readonly header: object }).header;
}
