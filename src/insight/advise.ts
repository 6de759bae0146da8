/** Indexes that the recorded queries ask for, each once, with the queries it helps. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Candidate } from "./candidate.ts";
import { reportQueries } from "./report.ts";

export interface AdvisedIndex extends Candidate {
  /** The queries it helps, the most time first. */
  readonly queries: readonly {
    readonly id: string;
    readonly text: string;
    /** Of the load, 0 to 1. */
    readonly share: number;
  }[];
  /** Of the load, of all of them. */
  readonly share: number;
}

export interface IndexAdvice {
  /** The largest share of the load first. */
  readonly indexes: readonly AdvisedIndex[];
  /** When the counters began; null where that is unknown. */
  readonly since: string | null;
  /** Queries that were planned. */
  readonly planned: number;
}

/**
 * From the plans of the queries that take most time.
 *
 * @throws PgwrightError `statistics-missing`.
 */
export async function adviseIndexes(session: Session, limit: number): Promise<IndexAdvice> {
  const { database } = session.server;
  const choice = { sort: "total", limit, minCalls: 1, database } as const;
  const { queries, statistics } = await reportQueries(session, choice);
  const found = new Map<string, AdvisedIndex>();
  for (const { id, text, share, problems } of queries) {
    for (const { candidate } of problems) {
      if (candidate === undefined) continue;
      const before = found.get(candidate.sql);
      found.set(candidate.sql, {
        ...candidate,
        gain: Math.max(candidate.gain, before?.gain ?? 0),
        queries: [...(before?.queries ?? []), { id, text, share }],
        share: (before?.share ?? 0) + share,
      });
    }
  }
  return {
    indexes: foldPrefixes([...found.values()]).toSorted((a, b) => b.share - a.share),
    since: statistics.since,
    planned: queries.filter(({ plan }) => plan !== null).length,
  };
}

/** (a) is no index of its own beside (a, b). */
function foldPrefixes(all: readonly AdvisedIndex[]): AdvisedIndex[] {
  const isPrefix = (short: AdvisedIndex, long: AdvisedIndex) =>
    short !== long &&
    short.table === long.table &&
    short.method === long.method &&
    short.keys.length < long.keys.length &&
    short.keys.every((key, i) => key === long.keys[i]);
  return all
    .filter((one) => !all.some((other) => isPrefix(one, other)))
    .map((long) => {
      const short = all.filter((one) => isPrefix(one, long));
      const queries = [long, ...short].flatMap((one) => one.queries);
      return { ...long, queries, share: queries.reduce((sum, { share }) => sum + share, 0) };
    });
}

/**
 * A migration that builds them, without blocking writers, and its way back.
 *
 * @throws PgwrightError `usage` where there is none to build.
 */
export function migrationText({ indexes }: IndexAdvice): string {
  if (indexes.length === 0) {
    throw new PgwrightError(
      "usage",
      "no recorded query asks for an index, so there is no migration to write",
    );
  }
  const extensions = [...new Set(indexes.flatMap((index) => index.extensions))];
  const schemaOf = ({ table }: Candidate) => table.slice(0, table.lastIndexOf("."));
  return `-- Indexes that the recorded queries ask for.
${indexes.map(({ name, queries }) => `-- ${name}: ${queries.map(({ id, share }) => `query ${id.slice(0, 8)} (${(share * 100).toFixed(1)} % of the load)`).join(", ")}`).join("\n")}

-- migrate:up
${[...extensions.map((name) => `CREATE EXTENSION IF NOT EXISTS ${name};`), ...indexes.map(({ sql }) => sql)].join("\n")}

-- migrate:down
${indexes.map((index) => `DROP INDEX ${index.isPartitioned ? "" : "CONCURRENTLY "}${schemaOf(index)}.${ident(index.name)};`).join("\n")}
`;
}
