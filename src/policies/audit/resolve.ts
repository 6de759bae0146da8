/** Holds audit.yaml against the tables that exist: what is recorded of each, and what cannot be so. */
import { findNearest } from "../../config/nearest.ts";
import type { Finding } from "../../findings.ts";
import type { AuditTable } from "./catalog.ts";
import { nameOf } from "./catalog.ts";
import type { Recording } from "./generate.ts";
import type { DeclaredAudit } from "./read.ts";
import { looksSecret } from "./secret.ts";

/** Columns that the function in the database keeps out of the log, by number. */
export interface Hidden {
  readonly exclude: ReadonlySet<number>;
  readonly mask: ReadonlySet<number>;
}

export interface Resolution {
  /** Undefined: with these mistakes nothing must be recorded of the table. */
  readonly recording: Recording | undefined;
  readonly findings: readonly Finding[];
}

/**
 * What is recorded of one declared table.
 *
 * A name that no column has may be a slip, and then the column that was meant would be recorded in
 * plain. So a table that is not audited yet is left alone, while one that is (`before`) goes on, with
 * everything that was hidden before still hidden: a renamed column keeps its number. A column that
 * looks like a secret is masked there until audit.yaml says what to do with it.
 */
export function resolveTable(
  declared: DeclaredAudit,
  table: AuditTable,
  before: Hidden | undefined,
): Resolution {
  const name = nameOf(table);
  const options = declared.file.tables[name] ?? {};
  const findings: Finding[] = [];
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const find = (
    list: readonly string[] | undefined,
    place: (index: number) => readonly (string | number)[],
  ): Set<number> => {
    const numbers = (list ?? []).map((wanted, index) => {
      const column = byName.get(wanted);
      if (column) return column.number;
      findings.push({
        rule: "audit/unknown-column",
        severity: "error",
        message: `${name} has no column \`${wanted}\``,
        hint: hintOf(findNearest(wanted, [...byName.keys()])),
        at: declared.placeOf(...place(index)),
        source: declared.source,
        object: `${name}.${wanted}`,
      });
      return undefined;
    });
    return new Set(numbers.filter((number) => number !== undefined));
  };
  const list = (key: "exclude" | "mask" | "bookkeeping") =>
    find(options[key], (index) => ["tables", name, key, index]);
  const exclude = list("exclude");
  const mask = list("mask");
  const bookkeeping = list("bookkeeping");
  const allowed = find(Object.keys(options.allow ?? {}), (index) => [
    "tables",
    name,
    "allow",
    Object.keys(options.allow ?? {})[index] ?? "",
  ]);
  const hasSlip = findings.length > 0;
  for (const general of declared.file.defaults?.bookkeeping ?? []) {
    const column = byName.get(general);
    if (column) bookkeeping.add(column.number);
  }
  if (hasSlip && before) {
    for (const number of before.exclude) if (!mask.has(number)) exclude.add(number);
    for (const number of before.mask) if (!exclude.has(number)) mask.add(number);
  }
  const nameAll = (numbers: readonly number[]) =>
    numbers.map((number) => table.columns.find((column) => column.number === number)?.name ?? "");
  const hiddenKey = nameAll(table.key.filter((number) => exclude.has(number) || mask.has(number)));
  if (hiddenKey.length > 0) {
    findings.push({
      rule: "audit/hidden-key",
      severity: "error",
      message: `${name}: \`${hiddenKey.join("`, `")}\` is part of the primary key, which the log needs to name the row`,
      hint: "take it out of `exclude` and `mask`, or audit the table not at all (`not:`)",
      at: declared.placeOf("tables", name),
      source: declared.source,
      object: name,
    });
    return { recording: undefined, findings };
  }
  const both = nameAll([...mask].filter((number) => exclude.has(number)));
  for (const column of both) {
    findings.push({
      rule: "audit/excluded-and-masked",
      severity: "error",
      message: `${name}.${column} is both excluded and masked; keep one`,
      at: declared.placeOf("tables", name, "mask"),
      source: declared.source,
      object: `${name}.${column}`,
    });
  }
  const secrets = table.columns.filter(
    (column) =>
      !column.isGenerated &&
      ![exclude, mask, allowed].some((numbers) => numbers.has(column.number)) &&
      looksSecret(column),
  );
  for (const { name: column } of secrets) {
    findings.push({
      rule: "audit/secret",
      severity: "error",
      message: `${name}.${column} looks like a secret, and its values would be in the log in plain${before ? "; it is masked until audit.yaml decides" : "; the table is not audited until audit.yaml decides"}`,
      hint: `name it under \`exclude:\` or \`mask:\` of ${name}, or under \`allow:\` with the reason`,
      at: declared.placeOf("tables", name),
      source: declared.source,
      object: `${name}.${column}`,
    });
  }
  const isKeySecret = secrets.some(({ number }) => table.key.includes(number));
  if (isKeySecret || (!before && (hasSlip || secrets.length > 0))) {
    return { recording: undefined, findings };
  }
  for (const { number } of secrets) mask.add(number);
  for (const number of exclude) mask.delete(number);
  return { recording: { table, exclude, mask, bookkeeping }, findings };
}

/** What audit.yaml says of tables that do not exist or leaves out. */
export function checkNames(
  declared: DeclaredAudit,
  tables: readonly AuditTable[],
  isOther: (table: AuditTable) => boolean,
): Finding[] {
  const known = new Map(tables.map((table) => [nameOf(table), table]));
  const roots = new Map(
    tables.flatMap((table) =>
      table.relations
        .filter(({ isRoot }) => !isRoot)
        .map((leaf): [string, string] => [nameOf(leaf), nameOf(table)]),
    ),
  );
  const findings: Finding[] = [];
  const { log, not, tables: audited } = declared.file;
  const unknown = (name: string, list: "tables" | "not") => {
    const root = roots.get(name);
    findings.push({
      rule: "audit/unknown-table",
      severity: "error",
      message: root
        ? `${name} is a partition of ${root}, which stands for all of them`
        : `there is no table ${name}`,
      hint: root ? `name ${root} instead` : hintOf(findNearest(name, [...known.keys()])),
      at: declared.placeOf(list, name),
      source: declared.source,
      object: name,
    });
  };
  for (const name of Object.keys(audited)) {
    if (name === log) {
      findings.push({
        rule: "audit/log-audited",
        severity: "error",
        message: `${log} is the log itself and cannot be audited`,
        at: declared.placeOf("tables", name),
        source: declared.source,
        object: log,
      });
    } else if (!known.has(name)) unknown(name, "tables");
  }
  if (!not) return findings;
  for (const name of Object.keys(not)) {
    if (!name.endsWith(".*") && !known.has(name)) unknown(name, "not");
    if (!Object.hasOwn(audited, name)) continue;
    findings.push({
      rule: "audit/contradiction",
      severity: "error",
      message: `${name} is both audited and not; keep one`,
      at: declared.placeOf("not", name),
      source: declared.source,
      object: name,
    });
  }
  for (const table of tables) {
    const name = nameOf(table);
    const isNamed =
      Object.hasOwn(audited, name) ||
      Object.hasOwn(not, name) ||
      Object.hasOwn(not, `${table.schema}.*`);
    if (isNamed || isOther(table)) continue;
    findings.push({
      rule: "audit/undecided",
      severity: "error",
      message: `audit.yaml does not say whether changes of ${name} are recorded`,
      hint: "name it under `tables:`, or under `not:` with the reason",
      at: declared.placeOf("tables"),
      source: declared.source,
      object: name,
    });
  }
  return findings;
}

function hintOf(nearest: string | undefined): string {
  return nearest === undefined
    ? "names stand here as they are stored, without quotes"
    : `did you mean \`${nearest}\`?`;
}
