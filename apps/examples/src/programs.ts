// Programs are JSON documents that the host stores for Python: one call computes a document, later calls use it.
import { python, Snakepit } from "snakepit";

interface Prompt {
  template: string;
  inputs: string[];
  examples: string[];
}

await using pit = await Snakepit.start({ worker: python(new URL("../tools/prompts.py", import.meta.url)), size: 2 });
const session = await pit.session();

// The host stores the result of the tool create_program under its program_id …
const template = "Translate into {language}: {text}";
await session.executeProgram("create_program", { name: "translate", template });
// … and passes it to the tool execute_program, in any worker.
const inputs = { program_id: "translate", language: "French", text: "Good morning" };
console.log(await session.executeProgram("execute_program", inputs));

// Both languages read and change it; concurrent updates are never lost.
await Promise.all([
  session.execute("add_example", { name: "translate", example: "Hello → Bonjour" }),
  session.programs.update<Prompt>("translate", (prompt) => ({
    ...prompt,
    examples: [...prompt.examples, "Yes → Oui"],
  })),
]);
const { examples, inputs: names } = await session.programs.get<Prompt>("translate");
console.log(`examples: ${examples.toSorted().join(", ")}; inputs: ${names.join(", ")}`);
console.log(`version: ${(await session.programs.describe("translate")).version}`);

// A global program is used by every session that has no program with its name.
await pit.programs.store("greet", { template: "Hello, {name}!", inputs: ["name"], examples: [] });
const other = await pit.session();
console.log(await other.executeProgram("execute_program", { program_id: "greet", name: "Grace" }));
