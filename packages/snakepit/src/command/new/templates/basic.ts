import { appFiles, type ProjectFiles } from "./project.ts";
import { TEST_TOOLS_PY, TOOLS_PY } from "./tools.ts";

/** Returns the files of an application that calls tools and ends. */
export function basicFiles(name: string): ProjectFiles {
  return appFiles(name, {
    description: "A TypeScript program that calls Python.",
    readme: `\`tools.py\` has the Python functions, \`main.ts\` calls them, and \`snakepit.config.ts\` describes the worker processes.
`,
    files: { "main.ts": MAIN, "main.test.ts": MAIN_TEST, "tools.py": TOOLS_PY, "test_tools.py": TEST_TOOLS_PY },
  });
}

const MAIN = `import { loadConfig, Snakepit } from "snakepit";

// Starts the workers, and ends them when the function returns or a signal ends the program.
await Snakepit.run(
  async (pit) => {
    const words = await pit.execute<Record<string, number>>("count_words", { text: "the snake in the pit" });
    console.log(words);

    for await (const number of pit.stream<number>("count_down", { start: 3 })) console.log(number);
  },
  await loadConfig({ directory: import.meta.dirname }),
);
`;

const MAIN_TEST = `import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadConfig, Snakepit } from "snakepit";

let pit: Snakepit;

before(async () => {
  pit = await Snakepit.start(await loadConfig({ directory: import.meta.dirname }));
});
after(() => pit?.close());

test("calls a Python function", async () => {
  assert.deepEqual(await pit.execute("count_words", { text: "a b A" }), { a: 2, b: 1 });
});

test("streams the chunks of a Python generator", async () => {
  assert.deepEqual(await Array.fromAsync(pit.stream("count_down", { start: 3, seconds: 0 })), [3, 2, 1]);
});

test("receives the exceptions of Python", async () => {
  await assert.rejects(Array.fromAsync(pit.stream("count_down", { start: -1 })), { code: "PYTHON_EXCEPTION" });
});
`;
