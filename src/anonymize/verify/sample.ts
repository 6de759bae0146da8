/** Some originals of each column in clear, for a search that does not depend on how words are cut. */
import type { Session } from "../../db/session.ts";
import { hashSql } from "./hash-sql.ts";
import type { Origins } from "./origins.ts";
import { originalsSql } from "./survival.ts";
import { leastSearched } from "./text-search.ts";

/** An original; it is in memory only, and never shown. */
export interface Sample {
  readonly origin: number;
  /** In lower case, as the search wants it. */
  readonly text: string;
  readonly hash: bigint;
}

const perOrigin = 1000;
/** Longer ones are searched for by their beginning. */
const longest = 120;
const parts = 2 ** 20;

/**
 * Draws up to a thousand of each column: those whose hash with the seed of this run is lowest, about,
 * so that nobody knows before which.
 */
export async function takeSample(
  source: Session,
  origins: Origins,
  sought: readonly number[],
): Promise<Sample[]> {
  const found = new Map<number, Map<string, Sample>>();
  for (const table of origins.tables) {
    const own = new Set(table.selects.map(({ origin }) => origin));
    const limits = [...own].map((origin) => {
      const share = Math.min(1, (2 * perOrigin) / Math.max(1, sought[origin] ?? 0));
      return `when ${origin} then ${Math.ceil(share * parts)}`;
    });
    // The hash is compared first: of a million values it leaves a few, and is the cheapest to compute.
    const rows = await source.query<{ o: number; v: string; h: string }>(
      `select distinct p.o, left(p.v, ${longest}) as v, x.h::text as h
       from ${originalsSql(table)}
       cross join lateral (select ${hashSql("p.v")} as h) x
       where case when (x.h & ${parts - 1}) < case p.o ${limits.join(" ")} end
         then octet_length(p.v) >= ${leastSearched} and p.tells end`,
    );
    for (const { o, v, h } of rows) {
      const list = found.get(o) ?? new Map<string, Sample>();
      found.set(o, list);
      if (list.size >= perOrigin) continue;
      const text = v.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
      list.set(text, { origin: o, text, hash: BigInt(h) });
    }
  }
  return [...found.values()].flatMap((list) => [...list.values()]);
}
