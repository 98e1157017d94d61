import type { Command } from "./command.ts";
import { completionCommand } from "./completion/completion-command.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { scaleCommand } from "./scale/scale-command.ts";
import { setupCommand } from "./setup/setup-command.ts";

/** All commands of `snakepit`, in the order of the help. */
export const COMMANDS: readonly Command[] = [setupCommand, doctorCommand, scaleCommand, completionCommand];
