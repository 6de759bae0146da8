import { defineCommand } from "../../cli/command.ts";
import { Option, parseCount } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import type { ShownEntry, ShownValue } from "../../policies/audit/log.ts";

// More of a value is no help to a reader; --verbose and --json have it all.
const mostOfValue = 60;

export const auditLog = defineCommand({
  path: "audit log",
  summary: "Show who changed what, newest first",
  description:
    "Reads the audit log that policies/audit.yaml names. A row that moved to another partition is " +
    "recorded as DELETE and INSERT and shown as one change. A key of several columns is a JSON " +
    'object of texts: \'{"id": "…", "created_at": "…"}\'.',
  examples: [
    { run: "pgwright audit log", says: "the last 50 changes" },
    { run: "pgwright audit log --table users --key 42", says: "what happened to one row" },
    { run: "pgwright audit log --actor app_login --since 2h", says: "by one user or role" },
    { run: "pgwright audit log --xid 7431 --json", says: "one transaction, for programs" },
  ],
  configure: (command) =>
    command
      .option("--table <name>", "changes of this table, with or without its schema")
      .option("--key <key>", "changes of the row with this primary key")
      .option("--actor <id>", "by this user of the application, or this role")
      .option("--since <time>", "from a time on, or from so long ago (2h, 90d)")
      .option("--until <time>", "before a time")
      .option("--xid <number>", "of this transaction")
      .addOption(
        new Option("--operation <name>", "of this kind").choices([
          "INSERT",
          "UPDATE",
          "DELETE",
          "TRUNCATE",
        ] as const),
      )
      .option("--limit <n>", "at most so many", parseCount, 50)
      .option("--log <table>", "the log, where policies/audit.yaml does not name it"),
  async run(context, { log: named, xid, ...filter }) {
    const { settings } = await context.config();
    const { chooseLog } = await import("../../policies/audit/read.ts");
    const { readLog } = await import("../../policies/audit/log.ts");
    const { log, declared } = await chooseLog(settings.policies.directory, named);
    await using session = await context.connect({ writes: false });
    const xids = xid === undefined ? undefined : [xid];
    return await readLog(session, log, { ...filter, xids }, settings.migrations.role, declared);
  },
  text(result, view, { limit }) {
    if (result.entries.length === 0) {
      return ["No recorded change matches", ...(result.note === null ? [] : [result.note])].join(
        ": ",
      );
    }
    const lines = result.entries.map((entry) => entryText(entry, view));
    if (result.isCut) lines.push(view.style.dim(`the newest ${limit}; --limit shows more`));
    return lines.join("\n\n");
  },
});

function entryText(entry: ShownEntry, view: View): string {
  const { style, visible } = view;
  const paint =
    entry.operation === "INSERT"
      ? style.green
      : entry.operation === "UPDATE"
        ? style.yellow
        : style.red;
  const key = [entry.key, entry.newKey]
    .filter((part) => part !== null)
    .map(visible)
    .join(" → ");
  const where = entry.partition === null ? entry.table : `${entry.table} (${entry.partition})`;
  const moved = entry.isMove ? " to another partition" : "";
  const head = `${paint(entry.operation)} ${style.bold(visible(where))}${key === "" ? "" : ` ${key}`}${moved}`;
  const by = [
    entry.changedBy,
    [entry.sessionRole, entry.applicationName, entry.clientAddress].filter(Boolean).join(", "),
  ].filter(Boolean);
  const who = `${entry.at.replace("T", " ").replace(/\.\d+Z$/, "")} UTC by ${visible(by.join(" as "))}, xid ${entry.xid}`;
  const longest = Math.max(0, ...entry.changes.map(({ column }) => column.length));
  const show = (value: ShownValue) => valueText(value, view);
  const isPair = entry.operation === "UPDATE";
  const changes = entry.changes
    // A new or deleted row has many columns that say nothing.
    .filter((change) => isPair || (change.old ?? change.new ?? null) !== null)
    .map(({ column, old, new: now }) => {
      const values = [old, now].filter((value) => value !== undefined).map(show);
      const sides = isPair && values.length === 2 ? values.join(style.dim(" → ")) : values.join("");
      return `  ${style.dim(visible(column).padEnd(longest))}  ${sides}`;
    });
  return [head, style.dim(`  ${who}`), ...changes].join("\n");
}

function valueText(value: ShownValue, { isVerbose: isWhole, visible }: View): string {
  if (value === null) return "NULL";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const line = visible(text.replaceAll("\n", "⏎"));
  const characters = Array.from(line);
  return isWhole || characters.length <= mostOfValue
    ? line
    : `${characters.slice(0, mostOfValue - 1).join("")}…`;
}
