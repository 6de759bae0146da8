/** The names that an object takes: two of one name cannot be there at the same time. */
import { parseScript } from "../db/script.ts";
import { as, valuesOf } from "../db/tree.ts";
import { onTable } from "./drop.ts";

/**
 * `relation app.users`, `type app.users`, `constraint c on app.users`, `routine …`. Tables, views,
 * sequences and indexes share one set of names, tables and types another one.
 */
export function namesOf(label: string): string[] {
  const [, kind = "", name = ""] =
    /^(?:placeholder of )?((?:materialized )?[a-z]+(?: key)?) (.*)$/s.exec(label) ?? [];
  switch (kind) {
    case "table":
    case "view":
    case "materialized view":
      return [`relation ${name}`, `type ${name}`];
    case "sequence":
    case "index":
      return [`relation ${name}`];
    case "type":
    case "domain":
      return [`type ${name}`];
    case "constraint":
      return onTable(name, (part, table) => [`constraint ${part} on ${table}`]) ?? [];
    case "foreign key":
      return onTable(name, (part, table) => [`constraint ${part} on ${table}`], " of ") ?? [];
    case "function":
    case "procedure":
    case "aggregate":
      return [routineName(kind, name)];
    default:
      return [];
  }
}

/** A table's constraint; a key or an EXCLUDE has an index of that name, and a table one primary key. */
export function constraintNames(name: string, table: string, body: string): string[] {
  const schema = /^(?:"(?:[^"]|"")*"|[^".]+)\./.exec(table)?.[0] ?? "";
  const own = `constraint ${name} on ${table}`;
  if (!/^(?:PRIMARY KEY|UNIQUE|EXCLUDE)\b/.test(body)) return [own];
  const key = body.startsWith("PRIMARY KEY") ? [`primary key of ${table}`] : [];
  return [own, `relation ${schema}${name}`, ...key];
}

/** Two routines are one when they have the same types of arguments that go in, whatever their names. */
function routineName(kind: string, name: string): string {
  const [parsed] = parseScript(`DROP ${kind.toUpperCase()} ${name}`);
  const [object] = as(parsed?.node, "DropStmt")?.objects ?? [];
  const words = JSON.stringify(object, (key, value: unknown) =>
    key === "location" || key === "objfuncargs" ? undefined : value,
  );
  return `routine ${valuesOf(object, "objname").length > 0 ? words : name}`;
}
