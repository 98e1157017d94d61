import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InTerminal } from "../../testing/in-terminal.ts";
import type { Command } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { bashScript } from "./bash-script.ts";
import { zshScript } from "./zsh-script.ts";

/** A command with every kind of option and positional, and with characters that are special in shells. */
const KINDS: Command = {
  name: "kinds",
  summary: "Try it's: [all] kinds",
  description: "Tries all kinds.",
  options: {
    file: { type: "string", value: "FILE", short: "f", completes: "file", description: "It's a [file]: any" },
    directory: { type: "string", value: "DIR", completes: "directory", description: "A directory" },
    level: { type: "string", value: "LEVEL", choices: ["high", "low"], description: "A level" },
    name: { type: "string", value: "NAME", multiple: true, description: "A name" },
    count: { type: "integer", value: "N", min: 1, max: 9, description: "A count" },
    color: { type: "boolean", negation: "No colors", description: "Colors" },
  },
  positionals: [
    { name: "FRUIT", description: "A fruit", choices: ["apple", "banana"] },
    { name: "PATH", description: "A path", completes: "file", optional: true },
  ],
  examples: [],
  run: async () => 0,
};

// By default, zsh inserts a tab if there is more input, marks the end of a line without a line feed, and has the keys
// of vi if EDITOR is vi.
const ZSH_STYLES = "zstyle ':completion:*' insert-tab false; unsetopt prompt_sp; unset zle_bracketed_paste; bindkey -e";

const SHELLS = [
  { shell: "bash", script: bashScript, command: (rc: string) => ["bash", "--noprofile", "--rcfile", rc, "-i"] },
  { shell: "zsh", script: zshScript, command: () => ["zsh", "-i"] },
] as const;

// bash is part of every system on which Snakepit is tested. zsh is not, and these tests are then skipped.
describe.each(SHELLS)("completion in $shell", ({ shell, script, command }) => {
  const isMissing = spawnSync(shell, ["--version"]).error !== undefined;
  let directory: string;
  let terminal: InTerminal;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-completion-"));
    writeFileSync(join(directory, "completion"), script([...COMMANDS, KINDS]));
    mkdirSync(join(directory, "only-directory"));
    writeFileSync(join(directory, "only-file.txt"), "");
    const setUp = shell === "zsh" ? `autoload -Uz compinit && compinit -u -D\n${ZSH_STYLES}\n` : "";
    const prompt = "PS1='ready> '\n";
    const rc = join(directory, shell === "zsh" ? ".zshrc" : ".bashrc");
    writeFileSync(rc, `${setUp}source ${join(directory, "completion")}\n${prompt}`);
    const env = { ZDOTDIR: directory, HOME: directory, PS1: undefined, TERM: "dumb", INPUTRC: "/dev/null" };
    if (isMissing) return;
    terminal = new InTerminal(command(rc), { cwd: directory, columns: 200, env });
    await terminal.displays(/ready> /);
  });
  afterAll(async () => {
    await terminal?.close();
    rmSync(directory, { recursive: true });
  });

  /** Types the beginning of a command line and completes it; returns the command line that the shell would execute. */
  async function completed(beginning: string): Promise<string> {
    const from = terminal.output.length;
    // The line is not executed, but displayed in brackets.
    terminal.type(`${beginning}\t\u0001echo '<\u0005>'\r`);
    await terminal.displays(/\n<.*>/, from);
    return /\n<(.*?)[ /]*>/.exec(stripVTControlCharacters(terminal.output.slice(from)).replaceAll("\r", ""))?.[1] ?? "";
  }

  test.skipIf(isMissing).each([
    ["snakepit se", "snakepit setup"],
    ["snakepit help co", "snakepit help completion"],
    ["snakepit --vers", "snakepit --version"],
    ["snakepit setup --wi", "snakepit setup --with"],
    ["snakepit setup --no-re", "snakepit setup --no-record"],
    ["snakepit setup --with numpy --ven", "snakepit setup --with numpy --venv"],
    ["snakepit completion z", "snakepit completion zsh"],
    ["snakepit completion --json z", "snakepit completion --json zsh"],
    ["snakepit kinds --level h", "snakepit kinds --level high"],
    ["snakepit kinds --level=h", "snakepit kinds --level=high"],
    ["snakepit kinds --file only-f", "snakepit kinds --file only-file.txt"],
    ["snakepit kinds -f only-f", "snakepit kinds -f only-file.txt"],
    ["snakepit kinds --directory only-", "snakepit kinds --directory only-directory"],
    ["snakepit kinds --name only-f", "snakepit kinds --name only-f"],
    ["snakepit kinds --count only-f", "snakepit kinds --count only-f"],
    ["snakepit kinds b", "snakepit kinds banana"],
    ["snakepit kinds --count 3 --color b", "snakepit kinds --count 3 --color banana"],
    ["snakepit kinds banana only-f", "snakepit kinds banana only-file.txt"],
    ["snakepit unknown only-f", "snakepit unknown only-f"],
  ])("completes %j", async (beginning, expected) => {
    expect(await completed(beginning)).toBe(expected);
  });
});

test("both scripts contain every command and option", () => {
  for (const script of [bashScript(COMMANDS), zshScript(COMMANDS)]) {
    for (const { name, options } of COMMANDS) {
      expect(script).toContain(name);
      for (const option of Object.keys(options)) expect(script).toContain(`--${option}`);
    }
  }
});
