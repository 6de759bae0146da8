/** DROP for an object without rows of its own. */

/** Undefined for what may hold data or others need. */
export function dropSql(label: string): string | undefined {
  const [, kind = "", name = ""] =
    /^((?:materialized )?[a-z]+(?: key| trigger)?) (.*)$/s.exec(label) ?? [];
  switch (kind) {
    case "index":
    case "view":
    case "materialized view":
    case "function":
    case "procedure":
    case "aggregate":
    case "statistics":
    case "event trigger":
    case "publication":
      return `DROP ${kind.toUpperCase()} ${name}`;
    case "trigger":
    case "policy":
    case "rule":
      return onTable(name, (part, table) => `DROP ${kind.toUpperCase()} ${part} ON ${table}`);
    case "constraint":
      return onTable(name, (part, table) => `ALTER TABLE ${table} DROP CONSTRAINT ${part}`);
    case "foreign key":
      return onTable(name, (part, table) => `ALTER TABLE ${table} DROP CONSTRAINT ${part}`, " of ");
    default:
      return undefined;
  }
}

export function whyNotDropped(label: string): string {
  if (/^(?:foreign )?table /.test(label)) return "dropping it would lose its rows";
  if (label.startsWith("sequence ")) return "dropping it would lose where it has come to";
  if (label.startsWith("schema ")) return "it may hold what is not compared";
  if (/^(?:proof|default) of /.test(label)) return "no statement is known that takes it back";
  return "others may need it, or hold values of it";
}

/** A name may hold " on " between its quotes: only outside of them it parts the two. */
export function onTable<T>(
  text: string,
  write: (part: string, table: string) => T,
  between = " on ",
): T | undefined {
  const pattern = new RegExp(`^("(?:[^"]|"")*"|[^" ]+)${between}(.+)$`, "s");
  const [, part, table] = pattern.exec(text) ?? [];
  return part === undefined || table === undefined ? undefined : write(part, table);
}
