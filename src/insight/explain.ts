/** `pgwright explain`: the plan of one query, and what is wrong with it in plain words. */
import { refuseWhenProtected } from "../database/protection.ts";
import { ident, literal } from "../db/identifier.ts";
import { look } from "./look.ts";
import { loadParser, parseScript, ScriptError } from "../db/script.ts";
import { hasSqlState, isPostgresError, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import { readContext } from "./judge.ts";
import { noCounters } from "./counters.ts";
import { judgeRun } from "./judge-run.ts";
import { planLines, type PlanNode } from "./plan-tree.ts";
import { explainAnalyzed, explainGeneric } from "./planner.ts";
import { findId } from "./query-id.ts";
import type { Question } from "./question.ts";
import { type Query, toQuery } from "./report.ts";
import { countParameters, makePlannable } from "./rewrite.ts";
import readRole from "./roles.sql";
import { rules } from "./rules/index.ts";
import { openStatistics, readIds, readQuery, readTotals } from "./statistics.ts";
import { isPlannable, isWriting, maskText, statementOf } from "./text.ts";

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
  /** The environment says so; the mark in the database counts as well. */
  readonly isProtected?: boolean | undefined;
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
 * @throws PgwrightError `query-unknown`, `database-protected` for what would write there, `statistics-missing`; `usage` for what has no plan or lacks
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
  if (options.analyze) checkParameters(countParameters(query.text), options.parameters.length);
  const writes = isWriting(statement);
  if (options.analyze && writes) await refuseWriting(session, options.isProtected);
  const { plan, role, totalMs } = await planAs(session, query, writes, options);
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

function checkParameters(wanted: number, given: number): void {
  const missing = wanted - given;
  if (missing === 0) return;
  throw new PgwrightError(
    "usage",
    missing > 0
      ? `\`--analyze\` runs the query, and ${missing} of its parameters ${missing === 1 ? "has" : "have"} no value`
      : `the query has ${wanted === 0 ? "no parameters" : `${wanted} parameter${wanted === 1 ? "" : "s"}`}, and \`--param\` gives ${given} values`,
    { hint: `\`--param\` once for each of ${wanted}, in their order` },
  );
}

/** What is rolled back has still taken its locks, called its triggers and used up numbers of sequences. */
async function refuseWriting(session: Session, isProtected = false): Promise<void> {
  const what = `run a statement that writes in \`${session.server.database}\``;
  await look(session, () => refuseWhenProtected(session, what));
  if (!isProtected) return;
  throw new PgwrightError(
    "database-protected",
    `refusing to ${what}: its environment says \`protected: true\``,
    { hint: "leave out `--analyze`: the plan is made without running it" },
  );
}

async function lookUp(session: Session, id: string): Promise<Query> {
  return await look(session, async () => {
    const source = await openStatistics(session);
    const queryId = findId(id, await readIds(session, source), source.readsAll);
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
  writes: boolean,
  options: ExplainOptions,
): Promise<{ plan: PlanNode; role: string; totalMs: number | null }> {
  const role = options.role ?? query.role;
  const [facts] = await look(session, () => session.query<RoleFacts>(readRole, [role]));
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
  const isReading = !writes || !options.analyze;
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
          : hasSqlState(error, "25006")
            ? "a function in it writes, and what only reads is run read-only; nothing was changed"
            : (error.hint ?? "nothing was changed"),
      },
    );
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}
