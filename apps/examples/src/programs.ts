// Programs are documents that the host keeps for Python: what one call has worked out, another one uses.
import { python, Snakepit } from "snakepit";

interface Prompt {
  template: string;
  inputs: string[];
  examples: string[];
}

await using pit = await Snakepit.start({ worker: python(new URL("../tools/prompts.py", import.meta.url)), size: 2 });
const session = await pit.session();

// What the tool create_program answers is stored under its program_id …
const template = "Translate into {language}: {text}";
await session.executeProgram("create_program", { name: "translate", template });
// … and the tool execute_program gets it, in whatever worker it runs.
const inputs = { program_id: "translate", language: "French", text: "Good morning" };
console.log(await session.executeProgram("execute_program", inputs));

// Both languages read and change it; nothing gets lost when they do so at the same time.
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

// One that belongs to no session is there for all that have none of that name.
await pit.programs.store("greet", { template: "Hello, {name}!", inputs: ["name"], examples: [] });
const other = await pit.session();
console.log(await other.executeProgram("execute_program", { program_id: "greet", name: "Grace" }));
