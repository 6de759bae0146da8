/**
 * Does an original of a masked column occur anywhere in the target? Three readings, with the memory
 * of one filter: the hashes of all originals are put into it; all that the target holds is held
 * against it; what passed is sought among the originals again, now exactly.
 */
import { qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { HashFilter } from "./filter.ts";
import { hashSql, tellsSql } from "./hash-sql.ts";
import type { Holdings } from "./holdings.ts";
import { joinHash, KeyedHash } from "./keyed-hash.ts";
import type { Origins, OriginTable } from "./origins.ts";
import { findPaths } from "./paths.ts";
import type { Sample } from "./sample.ts";
import { showMasked } from "./scanner.ts";
import { mostPairs, readHashes, readHashPairs, readRows } from "./stream.ts";
import { TextSearch } from "./text-search.ts";
import { RowReader } from "./words.ts";
import { collectSchemaWords } from "./vocabulary.ts";

/** A value at a place of the target. */
export interface Sight {
  times: number;
  /** Masked. */
  readonly example: string;
  /** Where in a document, or in which object of the catalog. */
  readonly path: string | undefined;
}

/** A value that is in both, by its hash. */
export interface Hit {
  readonly hash: bigint;
  /** How often it is an original, by the number of the origin. */
  readonly origins: ReadonlyMap<number, number>;
  /** By the number of the place. */
  readonly places: ReadonlyMap<number, Sight>;
}

/** A sampled original inside of another text. */
export interface TextHit {
  readonly origin: number;
  readonly place: number;
  readonly sight: Sight;
  readonly hash: bigint;
}

export interface Comparison {
  /** By origin: how many values were looked for, and how many tell too little to be. */
  readonly sought: readonly number[];
  readonly untold: readonly number[];
  /** Values and words of the target that were held against them; bytes that were searched. */
  readonly compared: number;
  readonly bytes: number;
  readonly hits: readonly Hit[];
  readonly textHits: readonly TextHit[];
  readonly samples: number;
  /** There were more than could be followed. */
  readonly isCut: boolean;
  /** Words of the schema's own names and code. */
  readonly schemaWords: ReadonlySet<bigint>;
}

export interface ComparisonRequest {
  readonly source: Session;
  readonly target: Session;
  readonly seed: string;
  readonly origins: Origins;
  readonly holdings: Holdings;
  readonly takeSample: (sought: readonly number[]) => Promise<readonly Sample[]>;
  readonly onTable: (title: string, name: string, done: number, total: number) => void;
}

/** Hashes that passed the filter and are followed at most: some 40 MB. */
const mostCandidates = 100_000;
/** Of so many, examples are kept. */
const mostShown = 5000;

type Candidates = Map<bigint, Map<number, Sight>>;

export async function compareValues(request: ComparisonRequest): Promise<Comparison> {
  const { origins } = request;
  const sought = origins.list.map(() => 0);
  const untold = origins.list.map(() => 0);
  const expected = origins.tables.reduce(
    (sum, { rows, selects }) => sum + Math.max(rows, 1000) * selects.length,
    0,
  );
  const filter = new HashFilter(expected);
  await readOrigins(request, (high, low, place) => {
    const list = place < 0 ? untold : sought;
    const origin = place < 0 ? -1 - place : place;
    list[origin] = (list[origin] ?? 0) + 1;
    if (place >= 0) filter.add(high, low);
  });
  const samples = await request.takeSample(sought);
  const target = await readTarget(request, filter, samples);
  const hits = await confirm(request, target.candidates);
  return { sought, untold, hits, samples: samples.length, ...target };
}

async function readTarget(
  { target, holdings, seed, onTable }: ComparisonRequest,
  filter: HashFilter,
  samples: readonly Sample[],
) {
  const hash = new KeyedHash(seed);
  const search = new TextSearch(samples.map(({ text }) => text));
  const candidates: Candidates = new Map();
  const textHits = new Map<string, TextHit>();
  const schemaWords = new Set<bigint>();
  let compared = 0;
  let bytes = 0;
  let isCut = false;
  for (const [n, { name, select, places, isCatalog }] of holdings.list.entries()) {
    onTable("reading the target", name, n, holdings.list.length);
    const placeOf = (field: number): number =>
      isCatalog ? (field === 2 ? Number(reader.text(0)) : -1) : (places[field] ?? -1);
    const see = (text: string, field: number): Sight => ({
      times: 1,
      example: showMasked(text),
      path: isCatalog ? reader.text(1) : findPaths(reader.text(field), text)[0],
    });
    const reader = new RowReader((text, from, to, field) => {
      compared += 1;
      hash.of(text, from, to);
      if (!filter.has(hash.high, hash.low)) return;
      const place = placeOf(field);
      if (place < 0) return;
      const key = joinHash(hash.high, hash.low);
      let found = candidates.get(key);
      if (found === undefined) {
        if (candidates.size >= mostCandidates) {
          isCut = true;
          return;
        }
        candidates.set(key, (found = new Map()));
      }
      const sight = found.get(place);
      if (sight !== undefined) sight.times += 1;
      else if (candidates.size > mostShown)
        found.set(place, { times: 1, example: "", path: undefined });
      else found.set(place, see(Buffer.from(text.subarray(from, to)).toString(), field));
    });
    await readRows(target, select, (row, from, to) => {
      bytes += to - from;
      reader.read(row, from, to);
      if (isCatalog) collectSchemaWords(row, from, to, holdings.places, hash, schemaWords);
      search.search(reader.bytes, reader.length, (id, at) => {
        const sample = samples[id];
        const field = fieldAt(reader.starts, at);
        const place = placeOf(field);
        if (!sample || place < 0) return;
        const known = textHits.get(`${id} ${place}`);
        if (known) known.sight.times += 1;
        else {
          const sight = see(sample.text, field);
          textHits.set(`${id} ${place}`, {
            origin: sample.origin,
            hash: sample.hash,
            place,
            sight,
          });
        }
      });
    });
  }
  return { candidates, textHits: [...textHits.values()], schemaWords, compared, bytes, isCut };
}

function fieldAt(starts: readonly number[], at: number): number {
  let field = 0;
  while (field + 2 < starts.length && (starts[field + 1] ?? 0) <= at) field += 1;
  return field;
}

/** Those that are really among the originals: the source's server counts them by all 64 bits. */
async function confirm(
  { source, origins: { tables }, onTable }: ComparisonRequest,
  candidates: Candidates,
): Promise<Hit[]> {
  if (candidates.size === 0) return [];
  const list = JSON.stringify([...candidates.keys()].map(String));
  const hits = new Map<
    bigint,
    { hash: bigint; origins: Map<number, number>; places: Map<number, Sight> }
  >();
  for (const [n, table] of tables.entries()) {
    const name = `${table.masking.schema}.${table.masking.name}`;
    onTable("reading originals again", name, n, tables.length);
    const rows = await source.query<{ h: string; o: number; times: number }>(
      `select x.h::text as h, p.o, (count(*) filter (where p.tells))::float8 as times
       from ${originalsSql(table)}
       cross join lateral (select ${hashSql("p.v")} as h) x
       where x.h in (select (jsonb_array_elements_text($1::text::jsonb))::int8)
       group by x.h, p.o having count(*) filter (where p.tells) > 0`,
      [list],
    );
    for (const { h, o, times } of rows) {
      const hash = BigInt(h);
      const places = candidates.get(hash);
      if (places === undefined) continue;
      let hit = hits.get(hash);
      if (hit === undefined) hits.set(hash, (hit = { hash, origins: new Map(), places }));
      hit.origins.set(o, (hit.origins.get(o) ?? 0) + times);
    }
  }
  return [...hits.values()];
}

async function readOrigins(
  { source, origins: { tables }, onTable }: ComparisonRequest,
  onHash: (high: number, low: number, place: number) => void,
): Promise<void> {
  for (const [n, table] of tables.entries()) {
    onTable("reading originals", `${table.masking.schema}.${table.masking.name}`, n, tables.length);
    const single = table.selects.filter(({ value }) => value !== undefined);
    for (let at = 0; at < single.length; at += mostPairs) {
      const some = single.slice(at, at + mostPairs);
      const places = some.map(({ origin }) => origin);
      await readHashPairs(source, pairsSql(table, some), places, onHash);
    }
    const selects = table.selects.filter(({ value }) => value === undefined);
    if (selects.length === 0) continue;
    await readHashes(
      source,
      `select case when p.tells then ${hashSql("p.v")} else 0 end, case when p.tells then p.o else -1 - p.o end
       from ${originalsSql({ ...table, selects })}`,
      onHash,
    );
  }
}

/** SELECT of a row's hashes beside each other: a fifth of the time of one below the other. */
function pairsSql({ masking }: OriginTable, selects: OriginTable["selects"]): string {
  const values = selects.map(({ value }, n) => `${value} as v${n}`);
  const pairs = values.map(
    (_, n) =>
      `case when ${tellsSql(`w.v${n}`)} then ${hashSql(`w.v${n}`)} end, w.v${n} is not null`,
  );
  return `select ${pairs.join(", ")} from only ${qualified(masking.schema, masking.name)} t
    cross join lateral (select ${values.join(", ")} offset 0) w`;
}

/** SQL to read from: `p` with the origin's number `o`, the text `v`, and whether it tells anything. */
export function originalsSql({ masking, selects }: Origins["tables"][number]): string {
  const all = selects.map(({ origin, sql }) => `select ${origin} as o, w.v from (${sql}) w`);
  return `only ${qualified(masking.schema, masking.name)} t cross join lateral
    (select a.o, a.v, ${tellsSql("a.v")} as tells from (${all.join(" union all ")}) a where a.v is not null) p`;
}
