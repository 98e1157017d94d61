import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Packages of the workspace resolve to their TypeScript sources, all others as in Node.js: it does not know "module".
const conditions = ["source", "node", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/**/*.test.ts", "benchmarks/**/*.test.ts", "tooling/**/*.test.ts"],
    // A process per file: tests send signals, change the environment and count file descriptors.
    pool: "forks",
    // One more than processors: most tests wait for processes, and not for a processor.
    maxWorkers: availableParallelism() + 1,
    sequence: { shuffle: true },
    globalSetup: [
      "tooling/test-suite/vitest-global-setup.ts",
      "packages/registry/src/testing/postgres-global-setup.ts",
    ],
    setupFiles: ["tooling/test-suite/vitest-mark-file.ts"],
    // No test is about its own duration: these only end one that hangs, also on a machine under load.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
