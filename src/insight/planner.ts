/** Has the server plan a statement without running it, as the role that ran it. */
import { randomBytes } from "node:crypto";
import { ident, literal } from "../db/identifier.ts";
import { hasSqlState, isPostgresError, type Session } from "../db/session.ts";
import { type PlanNode, toPlan } from "./plan-tree.ts";
import readRole from "./roles.sql";
import { countParameters, makePlannable } from "./rewrite.ts";
import type { Node, Tree } from "../db/script.ts";
import { valuesOf } from "../db/tree.ts";
import { isPlannable, ownMark, statementOf } from "./text.ts";

/** A plan, or why there is none. */
export type Planned =
  | { readonly plan: PlanNode; readonly reason: null; readonly asRole: string }
  | { readonly plan: null; readonly reason: string };

interface RoleFacts {
  readonly canBeSet: boolean;
  readonly searchPath: string | null;
}

/**
 * Read-only, short, nothing waits. Unlike a look at the catalog it keeps row security on, and names
 * are found as the role finds them: the plan is to be the one that the role gets.
 */
const begin = `begin isolation level read committed read only;
set local statement_timeout = '5s';
set local lock_timeout = '200ms';
set local plan_cache_mode = force_generic_plan;
set local jit = off`;

/**
 * Plans statements in one transaction that is rolled back.
 *
 * PostgreSQL 16 and newer plan `$1` by EXPLAIN (GENERIC_PLAN); 15 does by PREPARE and EXPLAIN EXECUTE
 * with NULLs under force_generic_plan, which gives the same plan.
 */
export async function planAll(
  session: Session,
  queries: readonly { readonly text: string; readonly role: string }[],
): Promise<Planned[]> {
  const planned: Planned[] = [];
  const roles = new Map<string, RoleFacts | undefined>();
  const planner: Planner = { session, as: undefined };
  try {
    await session.script(`${begin};\nsavepoint one`);
    // Before anything fails: an aborted transaction answers nothing.
    for (const role of new Set(queries.map((query) => query.role))) {
      roles.set(role, (await session.query<RoleFacts>(readRole, [role]))[0]);
    }
    for (const { text, role } of queries) {
      planned.push(await planOne(planner, text, role, roles.get(role)));
    }
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
  return planned;
}

/** A session inside a transaction with the savepoint `one`. */
interface Planner {
  readonly session: Session;
  /** The settings it has now, as SQL; undefined where the transaction has to go back first. */
  as: string | undefined;
}

async function planOne(
  planner: Planner,
  text: string,
  role: string,
  facts: RoleFacts | undefined,
): Promise<Planned> {
  const { session } = planner;
  const statement = statementOf(text);
  if (statement === undefined) return none("the text is cut off, or of a newer PostgreSQL");
  if (!isPlannable(statement.kind)) return none("a utility statement has no plan");
  const canBecome = facts?.canBeSet === true;
  const settings = [
    ...(canBecome ? [`set local role ${ident(role)}`] : []),
    ...(facts?.searchPath ? [`set local search_path = ${facts.searchPath}`] : []),
  ].join(";\n");
  // Most queries follow one of the same role: each way to the server and back counts.
  if (planner.as !== settings) await session.script(`rollback to savepoint one;\n${settings}`);
  planner.as = settings;
  try {
    const plan = await explainGeneric(session, makePlannable(text));
    return { plan, reason: null, asRole: canBecome ? role : session.server.role };
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    planner.as = undefined;
    if (hasSqlState(error, "42P01")) {
      await session.settle("rollback to savepoint one");
      const searchPath = await findSchemas(session, statement.node);
      const isNew = searchPath !== undefined && searchPath !== facts?.searchPath;
      if (isNew) return await planOne(planner, text, role, { canBeSet: canBecome, searchPath });
    }
    return none(
      hasSqlState(error, "55P03")
        ? "a table is locked exclusively at the moment"
        : `PostgreSQL says: ${error.message}`,
    );
  }
}

/**
 * A session may have set its search_path itself, which nothing records. Where the names that a
 * statement leaves unqualified stand in one schema each, that is what it was; else undefined.
 */
async function findSchemas(session: Session, node: Node): Promise<string | undefined> {
  // What INSERT, UPDATE, DELETE and MERGE write to stands in a field, not in a node of a list.
  const names = ([...valuesOf(node, "RangeVar"), ...valuesOf(node, "relation")] as Tree.RangeVar[])
    .filter(({ schemaname }) => !schemaname)
    .map(({ relname }) => relname ?? "");
  const rows = await session.query<{ schema: string; path: string }>(
    `select ${ownMark} distinct n.nspname as schema, current_setting('search_path') as path
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relname in (select json_array_elements_text($1::text::json)) and c.relkind in ('r', 'p', 'v', 'm', 'f')
       and n.nspname <> all (current_schemas(true)) and has_schema_privilege(n.oid, 'USAGE')
       and (select count(*) from pg_class o where o.relname = c.relname and o.relkind in ('r', 'p', 'v', 'm', 'f')) = 1
     order by 1`,
    [JSON.stringify([...new Set(names)])],
  );
  if (rows.length === 0) return undefined;
  const path = rows[0]?.path ?? "";
  return [...rows.map(({ schema }) => ident(schema)), ...(path === "" ? [] : [path])].join(", ");
}

function none(reason: string): Planned {
  return { plan: null, reason };
}

type ExplainRow = { readonly "QUERY PLAN": string | readonly { readonly Plan: object }[] };

/**
 * The generic plan of a text, inside a transaction.
 *
 * @throws PostgresError where the text cannot be planned; the transaction is then to be rolled back.
 */
export async function explainGeneric(session: Session, text: string): Promise<PlanNode> {
  if (session.server.versionNumber >= 160000) {
    return first(
      await session.one<ExplainRow>(
        `explain ${ownMark} (generic_plan, verbose, format json) ${text}`,
      ),
    );
  }
  const values = Array.from({ length: countParameters(text) }, () => "null");
  await session.script("set local plan_cache_mode = force_generic_plan");
  return executePrepared(session, text, values, "verbose, format json").then(first);
}

/** Runs it and measures; values are texts, which the server reads as the parameters' types. */
export async function explainAnalyzed(
  session: Session,
  text: string,
  parameters: readonly string[],
): Promise<{ plan: PlanNode; totalMs: number }> {
  const options = "analyze, buffers, verbose, format json";
  const row = await executePrepared(
    session,
    text,
    parameters.map((value) => literal(value)),
    options,
  );
  const plan = first(row);
  return { plan, totalMs: plan.actual?.ms ?? 0 };
}

/**
 * Prepared statements outlive a rollback, and behind a pooler their server's connection goes on to
 * others: none is left, and no name is used twice.
 */
async function executePrepared(
  session: Session,
  text: string,
  values: readonly string[],
  options: string,
): Promise<ExplainRow> {
  const name = `pgwright_plan_${randomBytes(6).toString("hex")}`;
  const list = values.length === 0 ? "" : `(${values.join(", ")})`;
  await session.script(`savepoint prepared;\nprepare ${name} ${ownMark} as ${text}`);
  try {
    const row = await session.one<ExplainRow>(
      `explain ${ownMark} (${options}) execute ${name}${list}`,
    );
    await session.script(`deallocate ${name}`);
    return row;
  } catch (error) {
    if (!session.isDead) {
      await session.script(`rollback to savepoint prepared;\ndeallocate ${name}`);
    }
    throw error;
  }
}

/** The tree of EXPLAIN's one row. */
function first(row: ExplainRow): PlanNode {
  const value = row["QUERY PLAN"];
  const [top] = (typeof value === "string" ? JSON.parse(value) : value) as { Plan: object }[];
  if (top === undefined) throw new TypeError("EXPLAIN gave no plan");
  return toPlan(top.Plan as Record<string, unknown>);
}
