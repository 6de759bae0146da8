/** `slow-queries --since`: what got slow since then, why, and after which migration. */
import { qualified } from "../db/identifier.ts";
import { look } from "./look.ts";
import { loadParser, scanTokens } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { type ChangedQuery, compare, type Comparison } from "./compare.ts";
import { type JudgedQuery, judgeAll } from "./judge.ts";
import { tell, toQuery } from "./report.ts";
import type { Choice } from "./statistics.ts";
import { findSnapshot } from "./find-snapshot.ts";
import { describePlanChange } from "./plan-shape.ts";
import { keyOf, type Snapshot, takeSnapshot } from "./snapshot.ts";

export interface Migration {
  readonly version: string;
  readonly file: string | null;
  readonly at: string;
}

export interface SinceReport extends Omit<Comparison, "queries"> {
  readonly queries: readonly (ChangedQuery & {
    /** Migrations in between that name one of its tables. */
    readonly migrations: readonly string[];
  })[];
  /** Applied between the two points. */
  readonly migrations: readonly Migration[];
  /** Plans and reasons of what is slower or new; empty where the second point is a file. */
  readonly judged: readonly JudgedQuery[];
  readonly findings: readonly Finding[];
}

export interface SinceOptions extends Pick<Choice, "role" | "matching" | "minCalls"> {
  readonly since: string;
  readonly until: string | undefined;
  readonly limit: number;
  readonly directory: string;
  readonly workingDirectory: string;
  readonly ledger: { readonly schema: string; readonly table: string };
  readonly now: Date;
}

/** @throws PgwrightError `snapshot-unusable`, `statistics-missing`. */
export async function reportSince(session: Session, options: SinceOptions): Promise<SinceReport> {
  await loadParser();
  const before = await findSnapshot(session, options.since, options, options.now);
  const after =
    options.until === undefined
      ? await takeSnapshot(session, wantPlansOf(before))
      : await findSnapshot(session, options.until, options, options.now);
  const comparison = compare(before, after);
  const migrations = await readMigrations(session, comparison, options.ledger);
  const chosen = comparison.queries.filter((query) => isChosen(query, options));
  const shown = chosen.slice(0, options.limit).map((query) => ({
    ...query,
    migrations:
      query.change === "slower" || query.change === "faster" || query.change === "new"
        ? touching(query.text, migrations)
        : [],
  }));
  const judged =
    options.until === undefined ? await judgeChanged(session, shown, after, comparison) : [];
  return {
    ...comparison,
    queries: shown,
    migrations: migrations.map(({ sql: _sql, ...migration }) => migration),
    judged,
    findings: [
      ...shown.filter(({ change }) => change === "slower").map(describe),
      ...shown.flatMap(tellPlanChange),
      ...tell(judged),
    ],
  };
}

/** The queries that were planned at the first point: one without a plan there has none to compare. */
function wantPlansOf({ statements }: Snapshot) {
  const planned = statements.filter(({ plan }) => plan !== undefined);
  return { top: 0, keys: new Set(planned.map(keyOf)) };
}

function isChosen(
  { role, text, calls }: ChangedQuery,
  { role: wanted, matching, minCalls }: SinceOptions,
): boolean {
  return (
    calls >= minCalls &&
    (wanted === undefined || role === wanted) &&
    (matching === undefined || text.toLowerCase().includes(matching.toLowerCase()))
  );
}

function describe(query: ChangedQuery & { migrations: readonly string[] }): Finding {
  const after = query.migrations.length === 0 ? "" : `, after ${query.migrations.join(", ")}`;
  return {
    rule: "slow-queries/slower",
    severity: "warning",
    object: query.id,
    message: `query ${query.id.slice(0, 8)} takes ${(query.ratio ?? 0).toFixed(1)} times as long as before: ${query.meanMs.toFixed(2)} ms in place of ${(query.meanBeforeMs ?? 0).toFixed(2)} ms, over ${query.calls} calls${after}`,
    hint: `\`pgwright explain ${query.id.slice(0, 8)}\``,
  };
}

function tellPlanChange({ id, change, planChange }: ChangedQuery): Finding[] {
  if (planChange === null) return [];
  return [
    {
      rule: "slow-queries/plan-changed",
      severity: change === "slower" ? "warning" : "info",
      object: id,
      message: `query ${id.slice(0, 8)} has another plan: ${describePlanChange(planChange)}`,
      hint: `\`pgwright explain ${id.slice(0, 8)}\``,
    },
  ];
}

async function judgeChanged(
  session: Session,
  shown: readonly ChangedQuery[],
  after: Snapshot,
  comparison: Comparison,
): Promise<JudgedQuery[]> {
  const changed = shown.filter(({ change }) => change === "slower" || change === "new");
  const entries = changed.flatMap(({ queryId, role }) =>
    after.statements
      .filter((entry) => entry.queryId === queryId && entry.role === role)
      .slice(0, 1),
  );
  return judgeAll(
    session,
    entries.map((entry) => toQuery(entry, comparison)),
    entries.map(({ text }) => text),
  );
}

interface AppliedMigration extends Migration {
  readonly sql: string | null;
}

/** From our log; none where there is no log, or it may not be read. */
async function readMigrations(
  session: Session,
  { since, until }: Comparison,
  { schema, table }: SinceOptions["ledger"],
): Promise<AppliedMigration[]> {
  const log = qualified(schema, `${table}_log`);
  return await look(session, async () => {
    const { isReadable } = await session.one<{ isReadable: boolean }>(
      `select coalesce(has_table_privilege(to_regclass($1), 'SELECT'), false)
              and has_schema_privilege($2, 'USAGE') as "isReadable"
       from pg_namespace where nspname = $2
       union all select false where not exists (select from pg_namespace where nspname = $2)`,
      [log, schema],
    );
    if (!isReadable) return [];
    return await session.query<AppliedMigration>(
      `select version, file, to_json(at) #>> '{}' as at, coalesce(up_sql, down_sql) as sql
       from ${log} where event in ('apply', 'rollback', 'repeat') and at > $1::text::timestamptz and at <= $2::text::timestamptz
       order by id`,
      [since.takenAt, until.takenAt],
    );
  });
}

/** Migrations that share the name of a relation with a query. */
function touching(text: string, migrations: readonly AppliedMigration[]): string[] {
  const words = new Set(wordsOf(text));
  return migrations
    .filter(({ sql }) => relationsOf(sql ?? "").some((name) => words.has(name)))
    .map(({ file, version }) => file ?? version);
}

function wordsOf(text: string): string[] {
  return scanTokens(text).map((token) => token.text.toLowerCase());
}

/** What follows the words that name a relation in DDL. */
function relationsOf(sql: string): string[] {
  const words = wordsOf(sql);
  return words.flatMap((word, i) => {
    if (!["table", "on", "into", "update", "from", "index", "view"].includes(word)) return [];
    const rest = words.slice(i + 1).filter((one) => !skipped.has(one));
    return rest[1] === "." ? [rest[2] ?? ""] : [rest[0] ?? ""];
  });
}

const skipped = new Set(["only", "if", "not", "exists", "concurrently"]);
