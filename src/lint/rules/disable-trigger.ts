import type { Statement } from "../../db/script.ts";
import { alterCommands, sqlName } from "../say.ts";
import type { Judgement, LintRule, Step } from "../rule.ts";
import type { Setting } from "../settings.ts";
import { settingsIn } from "../settings.ts";
import { inShort } from "../../db/sql-text.ts";

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
  summary: "a trigger is disabled for everybody, or all of them for a session",
  why: "DISABLE TRIGGER holds for all sessions once it is committed, and ALL includes those that keep foreign keys: rows come in that break them, and enabling it again checks none of them. session_replication_role = replica is the same of every table, for what the session or the transaction writes.",
  safe: "ALTER TABLE orders DISABLE TRIGGER orders_touch;\nUPDATE orders SET note = '' WHERE id = 7;\nALTER TABLE orders ENABLE TRIGGER orders_touch;  -- in one transaction nobody else is without it",
  kinds: [...off, "VariableSetStmt", "SelectStmt"],
  judge: (step) => [...judgeSettings(step), ...judgeCommands(step)],
};

/** What other nodes of a cluster wrote, and was checked there, is written like that. */
const isReplica = (one: Setting) =>
  one.name === "session_replication_role" && one.value?.toLowerCase() === "replica";

const whatEnds = (statement: Statement) =>
  settingsIn({ statement }).some(
    (one) => one.name === "session_replication_role" && !isReplica(one),
  )
    ? ["replica"]
    : [];

function judgeSettings(step: Step): Judgement[] {
  return settingsIn(step)
    .filter(isReplica)
    .map(({ isLocal }) => {
      const ends = isLocal || step.file.hasBehind(step.statement, whatEnds, "replica");
      return {
        severity: ends ? ("warning" as const) : ("error" as const),
        message: `\`${inShort(step.statement.text)}\` switches off all triggers, and with them the foreign keys of all tables, for what ${ends ? "is written until that ends" : "the session writes from now on"}: rows that break them come in, and nothing checks them later`,
        hint: "`DISABLE TRIGGER USER` or a trigger's name spares foreign keys; enable it again in the same file",
      };
    });
}

function judgeCommands(step: Step): Judgement[] {
  return alterCommands(step).flatMap(({ command, table }) => {
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
  });
}
