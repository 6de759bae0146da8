/** A model of what a database holds, with sizes. */
import { loadParser, parseScript } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as } from "../db/tree.ts";
import listTables from "./catalog.sql";
import { columnsIn, provenNotNull } from "./column.ts";
import listFunctions from "./functions.sql";
import type { Column, Constraint, Table } from "./model.ts";
import { Model } from "./model.ts";

interface TableRow {
  readonly name: string;
  readonly kind: "r" | "p" | "v" | "m" | "f";
  readonly bytes: string;
  readonly rows: number | null;
  readonly isEmpty: boolean;
  readonly defaultPartition: string | null;
  readonly partitionKey: string | null;
  readonly hasRowSecurity: boolean;
  readonly policies: string;
  readonly columns: string;
  readonly constraints: string;
  readonly indexes: string;
  readonly views: string;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly typmod: number;
  readonly isArray: boolean;
  readonly isNotNull: boolean;
  readonly collation: string | null;
}

interface ConstraintRow {
  readonly name: string;
  readonly type: string;
  readonly isValid: boolean;
  readonly columns: readonly string[] | null;
  readonly definition: string;
  readonly references: string | null;
}

interface IndexRow {
  readonly name: string;
  readonly isUnique: boolean;
  readonly constraint: string | null;
  readonly columns: readonly string[] | null;
  readonly isComputed: boolean;
  readonly keys: readonly string[] | null;
  readonly collated: readonly string[] | null;
  readonly uses: readonly string[] | null;
}

const kinds = { r: "table", p: "partitioned", v: "view", m: "matview", f: "foreign" } as const;

/**
 * Reads the catalog: three queries, no table. Rows are the planner's estimate, which there is none of
 * for a table that has rows and was never analyzed; bytes are with indexes and, of a partitioned table, its partitions.
 */
export async function readModel(session: Session): Promise<Model> {
  await loadParser();
  const model = new Model();
  const [settings] = await session.query<{ path: string; zone: string }>(
    `select to_json(current_schemas(false))::text as path, current_setting('TimeZone') as zone`,
  );
  model.sessionPath = JSON.parse(settings?.path ?? "[]") as string[];
  model.beginFile();
  model.isUtc = /^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Universal|Greenwich)0?$/i.test(
    settings?.zone ?? "",
  );
  model.server = Math.floor(session.server.versionNumber / 10_000);
  model.isWhole = true;
  for (const row of await session.query<TableRow>(listTables)) addTable(model, row);
  const [found] = await session.query<{ functions: string; paths: string }>(listFunctions);
  const functions = JSON.parse(found?.functions ?? "{}") as Record<string, "stable">;
  for (const [name, volatility] of Object.entries(functions)) model.functions.set(name, volatility);
  const paths = JSON.parse(found?.paths ?? "{}") as Record<string, boolean>;
  for (const [name, hasPath] of Object.entries(paths)) model.ownPaths.set(name, hasPath);
  const domains = await session.query<{ name: string; base: string; constrained: boolean }>(
    `select case n.nspname when 'public' then '' else n.nspname || '.' end || t.typname as name,
            b.typname as base,
            t.typnotnull or exists (select from pg_constraint where contypid = t.oid) as constrained
     from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_type b on b.oid = t.typbasetype
     where t.typtype = 'd' and n.nspname not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name, base, constrained } of domains) {
    model.domains.set(name, { base, hasConstraint: constrained });
  }
  return model;
}

function addTable(model: Model, row: TableRow): void {
  const columns = (JSON.parse(row.columns) as ColumnRow[]).map((column): [string, Column] => [
    column.name,
    {
      type: column.type,
      modifiers: modifiersOf(column),
      isArray: column.isArray,
      collation: column.collation ?? undefined,
      isNotNull: column.isNotNull,
    },
  ]);
  const constraints = (JSON.parse(row.constraints) as ConstraintRow[]).flatMap(
    (constraint): [string, Constraint][] => {
      const known = constraintOf(constraint);
      return known ? [[constraint.name, known]] : [];
    },
  );
  const table: Table = {
    name: row.name,
    kind: kinds[row.kind],
    columns: new Map(columns),
    constraints: new Map(constraints),
    isComplete: true,
    isNew: false,
    rows: row.rows ?? undefined,
    isEmpty: row.isEmpty,
    defaultPartition: row.defaultPartition ?? undefined,
    partitionKey:
      row.partitionKey === null ? undefined : (JSON.parse(row.partitionKey) as string[]),
    bytes: Number(row.bytes),
    hasRowSecurity: row.hasRowSecurity,
    policies: new Map(Object.entries(JSON.parse(row.policies) as Record<string, boolean>)),
    views: JSON.parse(row.views) as Table["views"],
  };
  model.tables.set(row.name, table);
  for (const index of JSON.parse(row.indexes) as IndexRow[]) {
    model.indexes.set(index.name, {
      name: index.name,
      table: row.name,
      columns: index.columns ?? [],
      isUnique: index.isUnique,
      constraint: index.constraint ?? undefined,
      isComputed: index.isComputed,
      keys: index.keys ?? [],
      collated: index.collated ?? [],
      uses: index.uses ?? [],
    });
  }
}

/** What is written in parentheses behind a type, out of its number in the catalog. */
function modifiersOf({ type, typmod }: ColumnRow): number[] {
  if (typmod < 0) return [];
  if (type === "varchar" || type === "bpchar") return [typmod - 4];
  if (type === "numeric") return [(typmod - 4) >> 16, (typmod - 4) & 0x7ff];
  if (type === "interval") {
    const [fields, digits] = [(typmod >> 16) & 0x7fff, typmod & 0xffff];
    return digits === 0xffff ? [fields] : [fields, digits];
  }
  return [typmod];
}

const constraintKinds: Readonly<Record<string, Constraint["kind"]>> = {
  c: "check",
  f: "foreign",
  u: "unique",
  p: "primary",
  x: "exclude",
  n: "notnull",
};

function constraintOf(row: ConstraintRow): Constraint | undefined {
  const kind = constraintKinds[row.type];
  if (!kind) return undefined;
  const columns = row.columns ?? [];
  const check = kind === "check" ? checkIn(row.definition) : undefined;
  return {
    kind,
    isValid: row.isValid,
    columns: check ? columnsIn(check) : columns,
    provesNotNull: kind === "notnull" ? columns[0] : provenNotNull(check),
    references: row.references ?? undefined,
  };
}

/** The expression of a CHECK as the server writes it. */
function checkIn(definition: string) {
  const [statement] = parseScript(`alter table t add ${definition}`);
  const [command] = allOf(as(statement?.node, "AlterTableStmt")?.cmds, "AlterTableCmd");
  return as(command?.def, "Constraint")?.raw_expr;
}
