/** The explicit list of commands, in the order of the help. One file each; the path is the command. */
import type { CommandDefinition } from "../cli/command.ts";
import { completion } from "./completion.ts";
import { configShow } from "./config/show.ts";
import { init } from "./init.ts";
import { migrate } from "./migrate.ts";
import { redo } from "./redo.ts";
import { repairApplied } from "./repair/applied.ts";
import { repairChecksum } from "./repair/checksum.ts";
import { repairReverted } from "./repair/reverted.ts";
import { rollback } from "./rollback.ts";
import { status } from "./status.ts";

export const groups = ["Project", "Migrations"] as const;

export const commands: Readonly<Record<(typeof groups)[number], readonly CommandDefinition[]>> = {
  Project: [init, configShow, completion],
  Migrations: [status, migrate, rollback, redo, repairChecksum, repairApplied, repairReverted],
};
