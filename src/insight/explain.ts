/** `pgwright explain`: the plan of one query, and what is wrong with it in plain words. */
import { formatCount } from "../db/amount.ts";
import { ident, literal } from "../db/identifier.ts";
import { lookSafely } from "../db/look.ts";
import { loadParser, parseScript, ScriptError } from "../db/script.ts";
import { hasSqlState, isPostgresError, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import { readContext } from "./judge.ts";
import { noCounters } from "./counters.ts";
import { nodesOf, planLines, type PlanNode } from "./plan-tree.ts";
import { explainAnalyzed, explainGeneric } from "./planner.ts";
import { findId } from "./query-id.ts";
import type { Question } from "./question.ts";
import { type Query, toQuery } from "./report.ts";
import { countParameters, makePlannable } from "./rewrite.ts";
import readRole from "./roles.sql";
import { rules } from "./rules/index.ts";
import { openStatistics, readIds, readQuery, readTotals } from "./statistics.ts";
import { isPlannable, maskText, statementOf } from "./text.ts";

export interface ExplainOptions {
  /** Runs it, in a transaction that is rolled back. */
  readonly analyze: boolean;
  /** Undefined: the one that ran the query where that can be had, else the connected one. */
  readonly role: string | undefined;
  readonly identity: string | undefined;
  /** "app.current_user_id" */
  readonly identitySetting: string;
  readonly parameters: readonly string[];
  readonly timeLimitMs: number;
}

export interface Explained {
  /** Null for SQL of a file. */
  readonly id: string | null;
  readonly text: string;
  readonly role: string;
  readonly plan: readonly string[];
  /** With `analyze`. */
  readonly totalMs: number | null;
  readonly findings: readonly Finding[];
}

/**
 * @throws PgwrightError `query-unknown`, `statistics-missing`; `usage` for what has no plan or lacks
 *   parameters; `sql-failed` with what PostgreSQL says.
 */
export async function explainQuery(
  session: Session,
  question: Question,
  options: ExplainOptions,
): Promise<Explained> {
  await loadParser();
  const query =
    question.kind === "id" ? await lookUp(session, question.id) : adHoc(session, question);
  const statement = statementOf(query.text);
  if (statement === undefined || !isPlannable(statement.kind)) {
    throw new PgwrightError(
      "usage",
      statement === undefined
        ? "the text is cut off or no SQL, so it has no plan"
        : "a utility statement has no plan",
      { hint: "SELECT, INSERT, UPDATE, DELETE and MERGE have one" },
    );
  }
  const missing = countParameters(query.text) - options.parameters.length;
  if (options.analyze && missing > 0) {
    throw new PgwrightError(
      "usage",
      `\`--analyze\` runs the query, and ${missing} of its parameters ${missing === 1 ? "has" : "have"} no value`,
      { hint: `\`--param\` once for each of ${countParameters(query.text)}, in their order` },
    );
  }
  const { plan, role, totalMs } = await planAs(session, query, statement.kind, options);
  const { tables, volatility } = await readContext(session, [plan]);
  const problems = rules.flatMap((rule) => rule({ query, statement, plan, tables, volatility }));
  return {
    id: question.kind === "id" ? query.id : null,
    text: maskText(query.text),
    role,
    plan: planLines(plan),
    totalMs,
    findings: [
      ...problems.map(({ candidate: _candidate, ...problem }) => problem),
      ...(options.analyze ? judgeRun(plan) : []),
    ],
  };
}

async function lookUp(session: Session, id: string): Promise<Query> {
  return await lookSafely(session, async () => {
    const source = await openStatistics(session);
    const queryId = findId(id, await readIds(session, source));
    const [entry] = await readQuery(session, source, queryId);
    const totals = await readTotals(session, source, { database: session.server.database });
    if (entry === undefined) throw new PgwrightError("query-unknown", `${id} has just gone`);
    return { ...toQuery(entry, totals), text: entry.text };
  });
}

/** One statement of a file, as if it had been called once. */
function adHoc(session: Session, { sql, file }: Question & { kind: "sql" }): Query {
  let statements;
  try {
    statements = parseScript(sql);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const { line, column, message } = error;
    throw new PgwrightError("usage", message, { at: { file, line, column }, source: sql });
  }
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) {
    throw new PgwrightError("usage", `${file} holds ${statements.length} statements`, {
      hint: "`explain` takes one",
    });
  }
  const none = { database: session.server.database, role: session.server.role, since: null };
  const entry = { queryId: "0", roleId: "0", text: statement.text, isTopLevel: true, ...none };
  return {
    ...toQuery({ ...entry, ...noCounters }, { totalMs: 0, calls: 0 }),
    text: statement.text,
  };
}

interface RoleFacts {
  readonly canBeSet: boolean;
  readonly searchPath: string | null;
}

async function planAs(
  session: Session,
  query: Query,
  kind: string,
  options: ExplainOptions,
): Promise<{ plan: PlanNode; role: string; totalMs: number | null }> {
  const role = options.role ?? query.role;
  const [facts] = await session.query<RoleFacts>(readRole, [role]);
  if (options.role !== undefined && facts?.canBeSet !== true) {
    throw new PgwrightError(
      "usage",
      facts === undefined
        ? `there is no role \`${role}\``
        : `\`${session.server.role}\` may not become \`${role}\``,
      {
        hint:
          facts === undefined ? "" : `\`GRANT ${ident(role)} TO ${ident(session.server.role)};\``,
      },
    );
  }
  const becomes = facts?.canBeSet === true;
  const isReading = kind === "SelectStmt" || !options.analyze;
  const { identity, identitySetting } = options;
  try {
    await session.script(
      [
        // What only reads cannot write by a function either.
        `begin isolation level read committed ${isReading ? "read only" : "read write"}`,
        `set local statement_timeout = ${options.analyze ? options.timeLimitMs : 5000}`,
        "set local lock_timeout = '1s'",
        ...(facts?.searchPath ? [`set local search_path = ${facts.searchPath}`] : []),
        ...(becomes ? [`set local role ${ident(role)}`] : []),
        ...(identity === undefined
          ? []
          : [`select set_config(${literal(identitySetting)}, ${literal(identity)}, true)`]),
      ].join(";\n"),
    );
    const text = makePlannable(query.text);
    const run = options.analyze
      ? await explainAnalyzed(session, text, options.parameters)
      : { plan: await explainGeneric(session, text), totalMs: null };
    return { ...run, role: becomes ? role : session.server.role };
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    const isLate = hasSqlState(error, "57014") && options.analyze;
    throw new PgwrightError(
      "sql-failed",
      isLate ? "the query ran out of its time" : error.message,
      {
        cause: error,
        sqlstate: error.code,
        hint: isLate
          ? `it was stopped after ${options.timeLimitMs / 1000} s and rolled back; \`--time-limit\` gives it more`
          : (error.hint ?? "nothing was changed"),
      },
    );
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

/** What only a run can tell: how far the planner was off, and what was read for nothing. */
function judgeRun(plan: PlanNode): Finding[] {
  return nodesOf(plan).flatMap((node): Finding[] => {
    const { actual } = node;
    if (actual === null || actual.loops === 0) return [];
    const findings: Finding[] = [];
    const where =
      node.table === null ? node.type : `${node.type} on ${node.table.schema}.${node.table.name}`;
    const off = Math.max(actual.rows, 1) / Math.max(node.rows, 1);
    if (Math.max(off, 1 / off) >= 100 && Math.max(actual.rows, node.rows) * actual.loops >= 1000) {
      findings.push({
        rule: "explain/misjudged",
        severity: "warning",
        message: `${where}: ${formatCount(node.rows)} rows were expected and ${formatCount(actual.rows)} came, so the plan was chosen for other data`,
        hint:
          node.table === null
            ? "look at the tables below it"
            : `\`ANALYZE ${node.table.schema}.${node.table.name};\`, or CREATE STATISTICS where columns depend on each other`,
      });
    }
    if (actual.removed >= 1000 && actual.removed > 9 * actual.rows) {
      findings.push({
        rule: "explain/discarded",
        severity: "info",
        message: `${where}: ${formatCount(actual.removed * actual.loops)} rows were read only to be thrown away, for ${formatCount(actual.rows * actual.loops)}`,
      });
    }
    if (actual.sortDiskKb > 0) {
      findings.push({
        rule: "explain/sort-on-disk",
        severity: "info",
        message: `a sort took ${formatCount(actual.sortDiskKb)} kB on disk, as work_mem was too small for it`,
        hint: `\`SET work_mem = '${Math.ceil((actual.sortDiskKb * 3) / 1024)}MB';\``,
      });
    }
    return findings;
  });
}
