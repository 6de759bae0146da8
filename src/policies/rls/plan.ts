/** What must be done so that row level security is as declared, on tables and on their leaves. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { readRetired } from "../partitions/retired.ts";
import { mistake } from "../statement.ts";
import type { PartPlan, PlanContext, PolicyStep } from "../step.ts";
import type { Expressions } from "./canonical.ts";
import { canonise } from "./canonical.ts";
import { inParentheses } from "./declared.ts";
import type { DeclaredPolicy, DeclaredTable, PolicyCommand } from "./declared.ts";
import listTables from "./tables.sql";

interface PolicyRow {
  readonly name: string;
  readonly isPermissive: boolean;
  readonly command: PolicyCommand;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

export interface TableRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly isEnabled: boolean;
  readonly isForced: boolean;
  readonly isLeaf: boolean;
  /** False for views and foreign tables, which have no row level security. */
  readonly isTable: boolean;
  /** The table itself where it is no partition. */
  readonly root: string;
  readonly policies: readonly PolicyRow[];
}

export interface DeclaredRowSecurity {
  readonly tables: ReadonlyMap<string, DeclaredTable>;
  /** Schemas whose tables are held against the files, whether the files name them or not. */
  readonly schemas: ReadonlySet<string>;
}

type Draft = Pick<PolicyStep, "sql" | "why" | "extra" | "at">;

export async function planRowSecurity(
  { tables, schemas }: DeclaredRowSecurity,
  context: PlanContext,
): Promise<PartPlan> {
  const { session, only, ledger, absentRoles } = context;
  const found = await session.query<TableRow>(listTables, [JSON.stringify([...schemas])]);
  const rows = [...found, ...comingRows(found, context)]
    .filter(({ root }) => only?.has(Number(root)) ?? true)
    .filter(({ schema, name }) => !(schema === ledger.schema && name.startsWith(ledger.table)));
  const byName = new Map(rows.map((row) => [qualified(row.schema, row.name), row]));
  const findings: Finding[] = [];
  const known = [...tables].flatMap(([name, table]) => {
    const row = byName.get(name);
    if (row?.isTable && !row.isLeaf) return [table];
    if (only === undefined) findings.push(noSuchTable(name, table, row));
    return [];
  });
  const { expressions, findings: refused } = await canonise(session, known);
  findings.push(...refused);
  const retired = await readRetired(session);
  const steps = rows
    .filter(({ isTable }) => isTable)
    .flatMap((row) => {
      const name = qualified(row.schema, row.name);
      const declared = tables.get(name);
      const drafts = row.isLeaf
        ? planLeaf(row, name, rootOf(row, rows, tables))
        : planTable(row, name, declared, { expressions, findings, absentRoles, retired });
      return drafts.map((draft): PolicyStep => ({
        part: "row security",
        object: name,
        role: row.owner,
        unit: `table ${row.isLeaf ? nameOfRoot(row, rows) : name}`,
        ...draft,
      }));
    });
  return { steps, findings };
}

/** Partitions that the same plan creates: they get the row security that their root has by now. */
function comingRows(rows: readonly TableRow[], { coming = [] }: PlanContext): TableRow[] {
  return coming.flatMap(({ root, schema, name, owner }) => {
    const parent = rows.find(({ oid }) => oid === root);
    if (!parent) return [];
    const { isEnabled } = parent;
    return [
      {
        oid: "0",
        schema,
        name,
        owner,
        isEnabled,
        isForced: isEnabled,
        isLeaf: true,
        isTable: true,
        root,
        policies: [],
      },
    ];
  });
}

function rootOf(
  row: TableRow,
  rows: readonly TableRow[],
  tables: ReadonlyMap<string, DeclaredTable>,
): DeclaredTable | undefined {
  return tables.get(nameOfRoot(row, rows));
}

function nameOfRoot({ root }: TableRow, rows: readonly TableRow[]): string {
  const found = rows.find(({ oid }) => oid === root);
  return found ? qualified(found.schema, found.name) : "";
}

function noSuchTable(
  name: string,
  { statement }: DeclaredTable,
  row: TableRow | undefined,
): Finding {
  if (row?.isLeaf) {
    return mistake(
      statement,
      "leaf-declared",
      `${name} is a partition; policies belong to the partitioned table`,
      "leave it out: partitions get row level security without a policy, so nobody reads them by name",
    );
  }
  return mistake(
    statement,
    "unknown-table",
    row ? `${name} is no table` : `there is no table ${name}`,
    "apply the migration that creates it first, or correct the name",
  );
}

/** A leaf read by its own name is ruled by its own policies: with none and FORCE, nobody sees a row. */
function planLeaf(row: TableRow, name: string, root: DeclaredTable | undefined): Draft[] {
  const drafts: Draft[] = [];
  if (root?.isEnabled) {
    const missing = [
      ...(row.isEnabled ? [] : ["ENABLE ROW LEVEL SECURITY"]),
      ...(row.isForced ? [] : ["FORCE ROW LEVEL SECURITY"]),
    ];
    if (missing.length > 0) {
      drafts.push({
        sql: `ALTER TABLE ${name} ${missing.join(", ")}`,
        why: "the policies of the partitioned table do not hold for whoever names the partition",
        at: root.at,
      });
    }
  }
  return [...drafts, ...row.policies.map((policy) => dropExtra(policy.name, name))];
}

function dropExtra(policy: string, table: string): Draft {
  return {
    sql: `DROP POLICY ${ident(policy)} ON ${table}`,
    why: `policy ${ident(policy)} is not declared`,
    extra: "security",
  };
}

interface Known extends Pick<PlanContext, "absentRoles"> {
  readonly expressions: ReadonlyMap<DeclaredPolicy, Expressions>;
  readonly findings: Finding[];
  /** `schema.name` of detached partitions, which keep their row security without a policy. */
  readonly retired: ReadonlySet<string>;
}

function planTable(
  row: TableRow,
  name: string,
  declared: DeclaredTable | undefined,
  { expressions, findings, absentRoles, retired }: Known,
): Draft[] {
  const extras = row.policies
    .filter((policy) => !declared?.policies.has(policy.name))
    .map((policy) => dropExtra(policy.name, name));
  if (!declared) {
    const isRetired = retired.has(`${row.schema}.${row.name}`);
    if (row.isEnabled && extras.length === 0 && !isRetired) {
      findings.push({
        rule: "policies/undeclared-table",
        severity: "error",
        message: `${name} has row level security, which policies/ does not declare`,
        hint: `declare it, or turn it off by hand: ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY;`,
        object: name,
      });
    }
    return extras;
  }
  const switched = [
    ...flip(row.isEnabled, declared.isEnabled, "ENABLE", "DISABLE"),
    ...flip(row.isForced, declared.isForced, "FORCE", "NO FORCE"),
  ];
  const before: Draft[] =
    switched.length === 0
      ? []
      : [
          {
            sql: `ALTER TABLE ${name} ${switched.map((verb) => `${verb} ROW LEVEL SECURITY`).join(", ")}`,
            why: `row level security is ${row.isEnabled ? "on" : "off"}${row.isForced ? " and forced" : ""}`,
            at: declared.at,
          },
        ];
  const changes = [...declared.policies.values()].flatMap((policy) => {
    const wanted = expressions.get(policy);
    if (!wanted || policy.roles.some((role) => absentRoles?.has(role))) return [];
    return planPolicy(
      policy,
      wanted,
      row.policies.find((one) => one.name === policy.name),
      name,
    );
  });
  return [...before, ...changes, ...extras];
}

function flip(is: boolean, wanted: boolean, on: string, off: string): string[] {
  return is === wanted ? [] : [wanted ? on : off];
}

function planPolicy(
  policy: DeclaredPolicy,
  wanted: Expressions,
  row: PolicyRow | undefined,
  table: string,
): Draft[] {
  const { at } = policy.statement;
  const name = `${ident(policy.name)} ON ${table}`;
  const create = { sql: createSql(policy, name), at };
  if (!row) return [{ ...create, why: `policy ${ident(policy.name)} is not there` }];
  const drop = (why: string): Draft[] => [
    { sql: `DROP POLICY ${name}`, why, at },
    { ...create, why: "it is created anew" },
  ];
  const label = `policy ${ident(policy.name)}`;
  if (row.command !== policy.command) return drop(`${label} is for ${row.command}`);
  if (row.isPermissive !== policy.isPermissive) {
    return drop(`${label} is ${row.isPermissive ? "permissive" : "restrictive"}`);
  }
  // ALTER POLICY can change an expression but not take it away.
  if ((row.using === null) !== (wanted.using === null)) return drop(`USING of ${label} differs`);
  if ((row.check === null) !== (wanted.check === null)) {
    return drop(`WITH CHECK of ${label} differs`);
  }
  const clauses: string[] = [];
  const reasons: string[] = [];
  if (row.roles.join("\n") !== policy.roles.join("\n")) {
    clauses.push(rolesSql(policy));
    reasons.push(`it is for ${row.roles.map(ident).join(", ") || "PUBLIC"}`);
  }
  if (row.using !== wanted.using) {
    clauses.push(`USING ${inParentheses(policy.using ?? "")}`);
    reasons.push(`USING is ${row.using}`);
  }
  if (row.check !== wanted.check) {
    clauses.push(`WITH CHECK ${inParentheses(policy.check ?? "")}`);
    reasons.push(`WITH CHECK is ${row.check}`);
  }
  if (clauses.length === 0) return [];
  const sql = `ALTER POLICY ${name} ${clauses.join(" ")}`;
  return [{ sql, why: `${label}: ${reasons.join("; ")}`, at }];
}

function createSql(policy: DeclaredPolicy, name: string): string {
  const { using, check } = policy;
  return [
    `CREATE POLICY ${name}${policy.isPermissive ? "" : " AS RESTRICTIVE"}`,
    `  FOR ${policy.command} ${rolesSql(policy)}`,
    ...(using === undefined ? [] : [`  USING ${inParentheses(using)}`]),
    ...(check === undefined ? [] : [`  WITH CHECK ${inParentheses(check)}`]),
  ].join("\n");
}

function rolesSql({ roles }: DeclaredPolicy): string {
  return `TO ${roles.length === 0 ? "PUBLIC" : roles.map(ident).join(", ")}`;
}
