import type { Statement } from "../../db/script.ts";
import { alterCommands, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

const off = [
  "AT_DisableTrig",
  "AT_DisableTrigAll",
  "AT_DisableTrigUser",
  "AT_DisableRule",
] as const;

const whatEnables = ({ text }: Statement) =>
  /enable\s+(?:always\s+)?trigger/i.test(text) ? ["any"] : [];

export const disableTrigger: LintRule = {
  name: "disable-trigger",
  severity: "warning",
  summary: "a trigger is disabled, for everybody",
  why: "DISABLE TRIGGER holds for all sessions once it is committed, and ALL includes those that keep foreign keys: rows come in that break them, and enabling it again checks none of them.",
  safe: "SET LOCAL session_replication_role = replica;  -- this transaction alone; needs the right to",
  kinds: off,
  judge: (step) =>
    alterCommands(step).flatMap(({ command, table }) => {
      if (!off.some((one) => one === command.subtype)) return [];
      const isAll = command.subtype === "AT_DisableTrigAll";
      // What is enabled again further down was off for nobody else: the lock is held till then.
      const comesBack = step.file.hasBehind(step.statement, whatEnables, "any");
      if (comesBack && !isAll) return [];
      return [
        {
          table,
          severity: isAll ? ("error" as const) : ("warning" as const),
          message: isAll
            ? `all triggers of ${sqlName(table)} are disabled, those of its foreign keys too: rows can break them from now on`
            : `\`${command.name ?? "triggers"}\` of ${sqlName(table)} is disabled for everybody`,
          hint: isAll
            ? "`DISABLE TRIGGER USER` spares foreign keys; enable it again in the same file"
            : "enable it again in the same file, or drop it",
        },
      ];
    }),
};
