/** `pgwright slow-queries`: what the server spends its time on. Reads only. */
import { loadParser } from "../db/script.ts";
import { look } from "./look.ts";
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import type { Counters } from "./counters.ts";
import { type JudgedQuery, judgeAll } from "./judge.ts";
import { toHexId } from "./query-id.ts";
import {
  type Choice,
  countersOf,
  type Entry,
  type Info,
  openStatistics,
  readEntries,
  readInfo,
  readTotals,
  type Source,
  type Totals,
} from "./statistics.ts";
import { maskText } from "./text.ts";

export interface Query extends Counters {
  /** 16 hexadecimal digits; the first eight are enough for `explain`. */
  readonly id: string;
  /** The same as the server writes it. */
  readonly queryId: string;
  readonly role: string;
  readonly database: string;
  /** False: run by a function. */
  readonly isTopLevel: boolean;
  /** Constants of queries are `$1`; strings of other statements are masked. */
  readonly text: string;
  /** Of the execution time of everything in scope, 0 to 1. */
  readonly share: number;
  /** Of all calls in scope, 0 to 1. */
  readonly callShare: number;
  /** Blocks found in shared buffers, 0 to 1; null where none was asked for. */
  readonly hitRatio: number | null;
  readonly rowsPerCall: number;
  readonly since: string | null;
}

export interface Statistics extends Info {
  readonly extensionVersion: string;
  readonly totals: Totals;
}

export interface QueryReport {
  readonly sort: Choice["sort"];
  readonly statistics: Statistics;
  readonly queries: readonly JudgedQuery[];
  readonly findings: readonly Finding[];
}

/**
 * Two short transactions: the statistics are read in one, the plans made in the other, in which
 * nothing is run and nothing waits. Tables are not read.
 *
 * @throws PgwrightError `statistics-missing`.
 */
export async function reportQueries(session: Session, choice: Choice): Promise<QueryReport> {
  await loadParser();
  const { source, info, totals, entries } = await look(session, async () => {
    const source = await openStatistics(session);
    return {
      source,
      info: await readInfo(session, source),
      totals: await readTotals(session, source, choice),
      entries: await readEntries(session, source, choice),
    };
  });
  const unknown = entries.length === 0 ? await findUnknown(session, choice) : [];
  const queries = await judgeAll(
    session,
    entries.map((entry) => toQuery(entry, totals)),
    entries.map(({ text }) => text),
  );
  return {
    sort: choice.sort,
    statistics: { extensionVersion: source.version, ...info, totals },
    queries,
    findings: [...unknown, ...judgeSource(session, source, info, totals), ...tell(queries)],
  };
}

/** The problems of all queries, each with the query it belongs to in front. */
export function tell(queries: readonly JudgedQuery[]): Finding[] {
  return queries.flatMap(({ id, problems }) =>
    problems.map(({ candidate: _candidate, message, ...problem }) => ({
      ...problem,
      message: `query ${id.slice(0, 8)}: ${message}`,
    })),
  );
}

/** An entry with what is derived from its counters; texts are masked here and nowhere later. */
export function toQuery(
  entry: Entry,
  { totalMs, calls }: Pick<Totals, "totalMs" | "calls">,
): Query {
  const { queryId, role, database, isTopLevel, since } = entry;
  const asked = entry.sharedHit + entry.sharedRead;
  return {
    id: toHexId(queryId),
    queryId,
    role,
    database,
    isTopLevel,
    text: maskText(entry.text),
    share: totalMs === 0 ? 0 : entry.totalMs / totalMs,
    callShare: calls === 0 ? 0 : entry.calls / calls,
    hitRatio: asked === 0 ? null : entry.sharedHit / asked,
    rowsPerCall: entry.calls === 0 ? 0 : entry.rows / entry.calls,
    since,
    ...countersOf(entry),
  };
}

/** Names that no role and no database has, as they are the likely reason that nothing was found. */
async function findUnknown(session: Session, { role, database }: Choice): Promise<Finding[]> {
  const { isRole, isDatabase } = await look(session, () =>
    session.one<{ isRole: boolean; isDatabase: boolean }>(
      `select $1::text is null or exists (select from pg_roles where rolname = $1) as "isRole",
              $2::text is null or exists (select from pg_database where datname = $2) as "isDatabase"`,
      [role ?? null, database ?? null],
    ),
  );
  const message = !isRole
    ? `there is no role \`${role}\``
    : !isDatabase
      ? `there is no database \`${database}\` on this server`
      : undefined;
  return message === undefined
    ? []
    : [{ rule: "slow-queries/unknown-name", severity: "warning", message }];
}

/** What keeps the statistics from telling everything. */
function judgeSource(
  session: Session,
  source: Source,
  info: Info,
  totals: Totals,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (totals.hidden > 0 || !source.readsAll) {
    findings.push({
      rule: "slow-queries/rights",
      severity: "warning",
      message: `${totals.hidden} of ${totals.entries} statements belong to other roles and are hidden from \`${session.server.role}\`; their time is in no share`,
      hint: `have a superuser run \`GRANT pg_read_all_stats TO ${ident(session.server.role)};\``,
    });
  }
  if (source.newestVersion !== null) {
    findings.push({
      rule: "slow-queries/extension-old",
      severity: "info",
      message: `pg_stat_statements is still version ${source.version}: the server offers ${source.newestVersion}, which counts more`,
      hint: "`ALTER EXTENSION pg_stat_statements UPDATE;`",
    });
  }
  // The least used twentieth goes each time (PostgreSQL's USAGE_DEALLOC_PERCENT).
  if ((info.evictions ?? 0) > 0) {
    findings.push({
      rule: "slow-queries/evicted",
      severity: "info",
      message: `entries had to go ${info.evictions} times because there were more statements than pg_stat_statements.max: what is rare is missing or counted too low`,
      hint: "`ALTER SYSTEM SET pg_stat_statements.max = 20000;` and restart the server",
    });
  }
  return findings;
}
