import { defineCommand } from "../command.ts";

/** The command `snakepit completion`. */
export const completionCommand = defineCommand({
  name: "completion",
  summary: "Print the completion script of a shell",
  description:
    "Prints a script with which Bash or Zsh completes commands, options and their values. The script contains everything it completes, so it does not run snakepit; print it again after an update.\n\nIt completes the command snakepit, which must be on PATH: install the package globally, or add node_modules/.bin of a project to PATH.",
  options: {},
  positionals: [{ name: "SHELL", description: "The shell to complete in", choices: ["bash", "zsh"] }],
  examples: [
    {
      description: "Complete in Bash: add this line to ~/.bashrc",
      line: "source <(snakepit completion bash)",
    },
    {
      description: "Complete in Zsh: add this line to ~/.zshrc, after compinit",
      line: "source <(snakepit completion zsh)",
    },
    {
      description: "Complete in Zsh without starting Node.js: store the script in a directory of fpath",
      line: 'snakepit completion zsh > "$fpath[1]/_snakepit"',
    },
  ],
  run: async (invocation) => (await import("./run-completion.ts")).runCompletion(invocation),
});
