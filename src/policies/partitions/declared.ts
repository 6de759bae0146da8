/** Reads policies/partitions.yaml into what is wanted of each table. */
import { join } from "node:path";
import { parseYamlFile } from "../../config/yaml-file.ts";
import type { Mistake } from "../../config/mistake.ts";
import { splitName } from "../../db/identifier.ts";
import type { Location } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import type { Every } from "./periods.ts";
import type { Retention, TableEntry } from "./schema.ts";
import { partitionsSchema } from "./schema.ts";
import type { Span } from "./span.ts";
import type { UniqueKey } from "./unique/guard.ts";
import { readPolicyFile } from "../statement.ts";

interface DeclaredBase {
  readonly schema: string;
  readonly table: string;
  readonly at: Location;
  /** A default partition exists, and its rows are watched. */
  readonly hasDefault: boolean;
  /** Keys that a guard keeps across partitions; absent where none is declared. */
  readonly globallyUnique?: { readonly keys: readonly UniqueKey[]; readonly at: Location };
}

export interface DeclaredRange extends DeclaredBase {
  readonly by: "range";
  readonly column: string;
  readonly every: Every;
  readonly timeZone: string;
  readonly horizon: Span;
  /** "2024-01-15", a date in that time zone. */
  readonly start: string | undefined;
  readonly retention: Retention | undefined;
}

export interface DeclaredHash extends DeclaredBase {
  readonly by: "hash";
  readonly modulus: number;
}

export type ListValue = string | number | boolean | null;

export interface DeclaredList extends DeclaredBase {
  readonly by: "list";
  /** Values by the end of the partition's name. */
  readonly values: ReadonlyMap<string, readonly ListValue[]>;
}

export type DeclaredTable = DeclaredRange | DeclaredHash | DeclaredList;

export interface DeclaredPartitions {
  readonly file: string;
  readonly tables: readonly DeclaredTable[];
}

export const partitionsFile = "partitions.yaml";

const usualHorizon: Span = { amount: 90, unit: "d" };

/** The declarations below a policies directory; undefined without the file or after a mistake. */
export async function readPartitions(
  directory: string,
): Promise<{ declared: DeclaredPartitions | undefined; findings: Finding[] }> {
  const file = join(directory, partitionsFile);
  const source = await readPolicyFile(file);
  return source === undefined
    ? { declared: undefined, findings: [] }
    : parsePartitions(source, file);
}

/** The same from the text of the file. */
export function parsePartitions(
  source: string,
  file: string,
): { declared: DeclaredPartitions | undefined; findings: Finding[] } {
  const mistakes: Mistake[] = [];
  const parsed = parseYamlFile(partitionsSchema, source, file, mistakes);
  const tables: DeclaredTable[] = [];
  const known = new Set<string>();
  for (const [key, entry] of Object.entries(parsed?.data ?? {})) {
    const at = parsed?.locations.get(key) ?? { file, line: 1, column: 1 };
    const parts = splitName(key);
    const [schema, table] = parts ?? [];
    if (schema === undefined || table === undefined || parts?.length !== 2) {
      const message = `\`${key}\` is not \`schema.table\`, quoted where SQL needs quotes`;
      mistakes.push({ at, message });
      continue;
    }
    const name = JSON.stringify([schema, table]);
    if (known.has(name)) mistakes.push({ at, message: `\`${key}\` is there twice` });
    known.add(name);
    const keys = entry.globally_unique?.map(uniqueKeyOf);
    const keysAt = parsed?.locations.get(`${key}.globally_unique`) ?? at;
    tables.push(
      declare(entry, {
        schema,
        table,
        at,
        hasDefault: entry.default === true,
        ...(keys && { globallyUnique: { keys, at: keysAt } }),
      }),
    );
  }
  if (mistakes.length === 0) return { declared: { file, tables }, findings: [] };
  const findings = mistakes.map(({ at, message }): Finding => ({
    rule: "partitions/file",
    severity: "error",
    message,
    at,
    source,
  }));
  return { declared: undefined, findings };
}

function uniqueKeyOf(key: NonNullable<TableEntry["globally_unique"]>[number]): UniqueKey {
  return typeof key === "string" ? { columns: [key], key: "exact" } : key;
}

/** The schema has made sure that each way of partitioning has its keys. */
function declare(entry: TableEntry, base: DeclaredBase): DeclaredTable {
  switch (entry.by) {
    case "range":
      return {
        ...base,
        by: "range",
        column: entry.column ?? "",
        every: entry.every ?? "month",
        timeZone: entry.time_zone ?? "UTC",
        horizon: entry.horizon ?? usualHorizon,
        start: entry.start,
        retention: entry.retention,
      };
    case "hash":
      return { ...base, by: "hash", modulus: entry.modulus ?? 1 };
    case "list":
      return { ...base, by: "list", values: new Map(Object.entries(entry.values ?? {})) };
  }
}
