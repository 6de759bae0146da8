/**
 * Does an original of a masked column occur anywhere in the target? Three readings, with the memory
 * of one filter: the hashes of all originals are put into it; all that the target holds is held
 * against it; what passed is sought among the originals again, now exactly.
 */
import { qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { HashFilter } from "./filter.ts";
import { hashSql, leastLength, tellsSql } from "./hash.ts";
import type { Origins } from "./origins.ts";
import { joinHash, readHashes } from "./stream.ts";
import type { Holding } from "./holdings.ts";

/** A value that is in both, by its hash. */
export interface Hit {
  readonly hash: bigint;
  /** Numbers of the origins it stands in. */
  readonly origins: ReadonlySet<number>;
  /** How often, by the number of the place. */
  readonly places: ReadonlyMap<number, number>;
}

export interface Comparison {
  /** By origin: how many values were looked for, and how many tell too little to be. */
  readonly sought: readonly number[];
  readonly untold: readonly number[];
  /** Values and words of the target that were held against them. */
  readonly compared: number;
  readonly hits: readonly Hit[];
  /** There were more than could be followed. */
  readonly isCut: boolean;
}

export interface ComparisonRequest {
  readonly source: Session;
  readonly target: Session;
  readonly origins: Origins;
  readonly holdings: readonly Holding[];
  readonly onTable: (title: string, name: string, done: number, total: number) => void;
}

/** Hashes that passed the filter and are followed at most: some 50 MB. */
const mostCandidates = 300_000;

export async function compareValues(request: ComparisonRequest): Promise<Comparison> {
  const { source, target, origins, holdings, onTable } = request;
  const sought = origins.list.map(() => 0);
  const untold = origins.list.map(() => 0);
  const expected = origins.tables.reduce(
    (sum, { rows, selects }) => sum + Math.max(rows, 1000) * selects.length,
    0,
  );
  const filter = new HashFilter(expected);
  await readOrigins(source, origins, "reading originals", onTable, (high, low, place) => {
    const list = place < 0 ? untold : sought;
    const origin = place < 0 ? -1 - place : place;
    list[origin] = (list[origin] ?? 0) + 1;
    if (place >= 0) filter.add(high, low);
  });
  let compared = 0;
  let isCut = false;
  const candidates = new Map<bigint, Map<number, number>>();
  for (const [n, holding] of holdings.entries()) {
    onTable("reading the target", holding.name, n, holdings.length);
    await readHashes(target, holdingSelect(holding), (high, low, place) => {
      compared += 1;
      if (!filter.has(high, low)) return;
      const hash = joinHash(high, low);
      let places = candidates.get(hash);
      if (places === undefined) {
        if (candidates.size >= mostCandidates) {
          isCut = true;
          return;
        }
        places = new Map();
        candidates.set(hash, places);
      }
      places.set(place, (places.get(place) ?? 0) + 1);
    });
  }
  const hits = await confirm(request, candidates);
  return { sought, untold, compared, hits, isCut };
}

/** Those that are really among the originals. */
async function confirm(
  { source, origins, onTable }: ComparisonRequest,
  candidates: ReadonlyMap<bigint, ReadonlyMap<number, number>>,
): Promise<Hit[]> {
  if (candidates.size === 0) return [];
  const filter = new HashFilter(candidates.size);
  for (const hash of candidates.keys()) {
    filter.add(Number(hash >> 32n), Number(BigInt.asIntN(32, hash)));
  }
  const hits = new Map<
    bigint,
    { hash: bigint; origins: Set<number>; places: ReadonlyMap<number, number> }
  >();
  await readOrigins(source, origins, "reading originals again", onTable, (high, low, place) => {
    if (place < 0 || !filter.has(high, low)) return;
    const hash = joinHash(high, low);
    const places = candidates.get(hash);
    if (places === undefined) return;
    const hit = hits.get(hash);
    if (hit === undefined) hits.set(hash, { hash, origins: new Set([place]), places });
    else hit.origins.add(place);
  });
  return [...hits.values()];
}

async function readOrigins(
  source: Session,
  { tables }: Origins,
  title: string,
  onTable: ComparisonRequest["onTable"],
  onHash: (high: number, low: number, place: number) => void,
): Promise<void> {
  for (const [n, { masking, selects }] of tables.entries()) {
    onTable(title, `${masking.schema}.${masking.name}`, n, tables.length);
    const all = selects.map(({ origin, sql }) => `select ${origin} as o, w.v from (${sql}) w`);
    await readHashes(
      source,
      `select case when p.tells then ${hashSql("p.v")} else 0 end, case when p.tells then p.o else -1 - p.o end
       from only ${qualified(masking.schema, masking.name)} t
       cross join lateral (select a.o, a.v, ${tellsSql("a.v")} as tells from (${all.join(" union all ")}) a where a.v is not null) p`,
      onHash,
    );
  }
}

/** All that a relation of the target holds, or its catalog, as hashes with the numbers of the places. */
function holdingSelect({ from, pieces }: Holding): string {
  const all = pieces.map(({ place, sql }) => `select ${place} as c, w.v from (${sql}) w`);
  return `select ${hashSql("p.v")}, p.c from ${from} cross join lateral (${all.join(" union all ")}) p where length(p.v) >= ${leastLength}`;
}
