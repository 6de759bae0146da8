/** How the server itself would print the expressions of declared policies. */
import { ident, qualified } from "../../db/identifier.ts";
import { hasSqlState, isPostgresError } from "../../db/session.ts";
import type { PostgresError, Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { mistake } from "../statement.ts";
import { inParentheses } from "./declared.ts";
import type { DeclaredPolicy, DeclaredTable } from "./declared.ts";

export interface Expressions {
  readonly using: string | null;
  readonly check: string | null;
}

/**
 * Creates the policies on temporary copies of their tables, of the same names, and reads the
 * expressions back. LIKE takes ACCESS SHARE on the real tables, which blocks nobody, and the copies
 * are gone at the end: it needs an open transaction and rolls back to a savepoint in it.
 *
 * Expressions that PostgreSQL refuses (a column that is not there) become findings with their place.
 */
export async function canonise(
  session: Session,
  tables: readonly DeclaredTable[],
): Promise<{ expressions: Map<DeclaredPolicy, Expressions>; findings: Finding[] }> {
  const expressions = new Map<DeclaredPolicy, Expressions>();
  const findings: Finding[] = [];
  const withPolicies = tables.filter(({ policies }) => policies.size > 0);
  if (withPolicies.length === 0) return { expressions, findings };
  for (const table of withPolicies) await readTable(session, table, expressions, findings);
  return { expressions, findings };
}

async function readTable(
  session: Session,
  table: DeclaredTable,
  expressions: Map<DeclaredPolicy, Expressions>,
  findings: Finding[],
): Promise<void> {
  const policies = [...table.policies.values()];
  const copy = `pg_temp.${ident(table.name)}`;
  const like = `create temporary table ${ident(table.name)} (like ${qualified(table.schema, table.name)} including generated)`;
  const create = (policy: DeclaredPolicy, index: number) =>
    [
      `create policy ${ident(String(index))} on ${copy}`,
      `for ${policy.command}`,
      ...(policy.using === undefined ? [] : [`using ${inParentheses(policy.using)}`]),
      ...(policy.check === undefined ? [] : [`with check ${inParentheses(policy.check)}`]),
    ].join(" ");
  const enter = "savepoint pgwright_table; set local search_path = public";
  const leave = "rollback to savepoint pgwright_table; release savepoint pgwright_table";
  let accepted = policies;
  await session.script(`${enter}; ${like}`);
  try {
    await session.script(["savepoint pgwright_all", ...policies.map(create)].join(";\n"));
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    await session.settle("rollback to savepoint pgwright_all");
    accepted = await createOneByOne(session, policies, create, findings, table);
  }
  // pg_get_expr() leaves out schemas that are on the path: with none of ours there, it names them all.
  await session.script("set local search_path = pg_catalog");
  const rows = await session.query<{ index: number; using: string | null; check: string | null }>(
    `select polname::int as index, pg_get_expr(polqual, polrelid) as using,
       pg_get_expr(polwithcheck, polrelid) as "check"
     from pg_policy
     where polrelid = '${copy.replaceAll("'", "''")}'::regclass`,
  );
  for (const { index, using, check } of rows) {
    const policy = policies[index];
    if (policy && accepted.includes(policy)) expressions.set(policy, { using, check });
  }
  await session.settle(leave);
}

async function createOneByOne(
  session: Session,
  policies: readonly DeclaredPolicy[],
  create: (policy: DeclaredPolicy, index: number) => string,
  findings: Finding[],
  table: DeclaredTable,
): Promise<DeclaredPolicy[]> {
  const accepted: DeclaredPolicy[] = [];
  for (const [index, policy] of policies.entries()) {
    try {
      await session.script(
        `savepoint pgwright_one; ${create(policy, index)}; release pgwright_one`,
      );
      accepted.push(policy);
    } catch (error) {
      if (!isPostgresError(error)) throw error;
      await session.settle("rollback to savepoint pgwright_one; release pgwright_one");
      findings.push(explain(policy, table, error));
    }
  }
  return accepted;
}

function explain(policy: DeclaredPolicy, table: DeclaredTable, error: PostgresError): Finding {
  const { statement } = policy;
  const name = `policy ${ident(policy.name)} on ${qualified(table.schema, table.name)}`;
  const isUnknown = hasSqlState(error, "42703", "42P01", "42883", "42P02");
  return mistake(
    statement,
    isUnknown ? "unknown-name" : "refused-expression",
    `${name}: ${error.message}`,
    error.hint ??
      (isUnknown
        ? "names are looked up in the table and in schema public; write the schema of anything else"
        : undefined),
  );
}
