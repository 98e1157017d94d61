import { benchCommand } from "./bench/bench-command.ts";
import { callCommand } from "./call/call-command.ts";
import type { Command } from "./command.ts";
import { completionCommand } from "./completion/completion-command.ts";
import { CONTROL_COMMANDS } from "./control/control-commands.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { newCommand } from "./new/new-command.ts";
import { scaleCommand } from "./scale/scale-command.ts";
import { serveCommand } from "./serve/serve-command.ts";
import { setupCommand } from "./setup/setup-command.ts";

/** All commands of `snakepit`, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  setupCommand,
  newCommand,
  callCommand,
  serveCommand,
  benchCommand,
  doctorCommand,
  scaleCommand,
  ...CONTROL_COMMANDS,
  completionCommand,
];
