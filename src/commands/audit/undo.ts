import { defineCommand } from "../../cli/command.ts";
import { dryRun, parseTransaction } from "../../cli/options.ts";

export const auditUndo = defineCommand({
  path: "audit undo",
  summary: "Undo recorded changes: a transaction, a row, all of one actor",
  description:
    "Deleted rows come back with their dependent rows, changed ones get their old values, added " +
    "ones go, all in one transaction. A row that is no longer as it was recorded is a conflict: " +
    "nothing is done then, unless --skip-conflicts leaves such rows as they are. The undoing is " +
    "recorded like any change. TRUNCATE, and values that were masked or excluded, cannot be had back.",
  examples: [
    { run: "pgwright audit undo --xid 7431 --dry-run", says: "print a script for psql" },
    { run: "pgwright audit undo --xid 7431 --xid 7440", says: "undo two transactions" },
    { run: "pgwright audit undo --table users --key 42", says: "the last change of a row" },
    { run: "pgwright audit undo --actor app_login --since 2h", says: "all of one actor" },
  ],
  configure: (command) =>
    command
      .option("--xid <number>", "a transaction; may be repeated", parseTransaction)
      .option("--table <name>", "changes of this table")
      .option("--key <key>", "changes of the row with this primary key")
      .option("--actor <id>", "by this user of the application, or this role")
      .option("--since <time>", "from a time on, or from so long ago (2h, 90d)")
      .option("--until <time>", "before a time")
      .option("--skip-conflicts", "leave rows that changed since as they are", false)
      .option("--log <table>", "the log, where policies/audit.yaml does not name it")
      .addOption(dryRun()),
  async run(context, { log: named, xid, skipConflicts, dryRun, ...rest }) {
    const { settings } = await context.config();
    const { chooseLog } = await import("../../policies/audit/read.ts");
    const { applyUndo, planUndo, textOf } = await import("../../policies/audit/undo.ts");
    const { watchBackend } = await import("../../db/watch.ts");
    const { log, declared } = await chooseLog(settings.policies.directory, named);
    await using session = await context.connect({ writes: !dryRun });
    const options = { log, declared, role: settings.migrations.role, skipConflicts };
    const selection = { ...rest, xids: xid };
    const plan = await planUndo(session, selection, options);
    const { statements, script, ...rows } = plan;
    const outcome = { ...rows, sql: dryRun ? script : textOf(plan) };
    if (dryRun || statements.length === 0) return { ...outcome, xid: null };
    const applied = await applyUndo(session, plan, selection, {
      ...options,
      lockTimeoutMs: settings.lock_timeout,
      retry: {
        budgetMs: settings.lock_budget,
        events: context.events,
        signal: context.signal,
        watch: () =>
          watchBackend({
            pid: session.server.pid,
            open: () => context.connect({ writes: false }),
            lockTimeoutMs: settings.lock_timeout,
            onReport: () => {},
            onTrouble: (message) => context.events({ type: "notice", level: "warning", message }),
          }),
      },
    });
    return { ...outcome, ...applied };
  },
  text(result, view, { dryRun }) {
    const { style } = view;
    const remarks = [
      ...result.skipped.map((line) => `left as it is: ${line}`),
      ...result.notes.map((line) => `note: ${line}`),
    ].map(view.visible);
    const nothing = result.entries === 0 ? "No recorded change matches" : "Nothing to undo";
    if (dryRun) {
      const comments = [...remarks, ...(result.sql === "" ? [nothing] : [])];
      return [
        ...comments.map((line) => `-- ${line.replaceAll(/\s+/g, " ")}`),
        ...(result.sql === "" ? [] : [result.sql.trimEnd()]),
      ].join("\n");
    }
    const { insert, update, delete: deleted } = result.counts;
    if (result.xid === null) return [...remarks, nothing].join("\n");
    return [
      ...remarks.map((line) => style.yellow(line)),
      `Undid ${view.plural(result.entries, "change")}: ${view.plural(insert, "row")} restored, ${update} set back, ${deleted} removed`,
      view.next(`pgwright audit undo --xid ${result.xid}   (takes it back)`),
    ].join("\n");
  },
});
