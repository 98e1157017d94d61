import { type Command, EXIT, type Invocation } from "../command.ts";
import { bashScript } from "./bash-script.ts";
import { zshScript } from "./zsh-script.ts";

const SCRIPTS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
};

/** Runs `snakepit completion`. */
export async function runCompletion({
  values,
  positionals,
  terminal,
  commands,
}: Invocation<{ readonly json: boolean }>): Promise<number> {
  const [shell = ""] = positionals;
  const script = SCRIPTS[shell]?.(commands) ?? "";
  terminal.stdout.write(values.json ? `${JSON.stringify({ shell, script })}\n` : script);
  return EXIT.ok;
}
