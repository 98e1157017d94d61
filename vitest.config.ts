import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirstSequencer } from "./tooling/test-suite/longest-first-sequencer.ts";

// Packages of the workspace resolve to their TypeScript sources, all others as in Node.js: it does not know "module".
const conditions = ["source", "node", "default"];

/**
 * The tests of packages that know nothing of processes and connections: no signal handlers, environment variables,
 * descriptors or globals. Starting a separate process took longer than the tests of each file. Tests with connections
 * do not belong here: a connection that closes late would add to the fake timers of the next file.
 */
const SHARED = ["core", "bridge-proto", "pool", "sessions"].map((name) => `packages/${name}/src/**/*.test.ts`);

const ALL = ["packages/*/src", "apps", "batteries", "benchmarks", "tooling"].map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: "forks",
    // Two more than processors: most tests wait for processes, and not for a processor.
    maxWorkers: availableParallelism() + 2,
    sequence: { shuffle: { files: false, tests: true }, sequencer: LongestFirstSequencer },
    globalSetup: [
      "tooling/test-suite/vitest-global-setup.ts",
      "packages/registry/src/testing/postgres-global-setup.ts",
    ],
    // No test is about its own duration: these only end one that hangs, also on a machine under load.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: SHARED,
          // Files run one after another in a process for each processor.
          isolate: false,
          setupFiles: ["tooling/test-suite/vitest-mark-file.ts", "tooling/test-suite/vitest-shared-process.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "isolated",
          include: ALL,
          exclude: ["**/node_modules/**", ...SHARED],
          // A process per file: tests send signals, change the environment and count file descriptors.
          isolate: true,
          setupFiles: ["tooling/test-suite/vitest-mark-file.ts"],
        },
      },
    ],
  },
});
