/** Which of the values that are in both databases are there by chance, and how that is known. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { type Catalog, nameOf, rootOf } from "../catalog.ts";
import type { MaskingPlan, TableMasking } from "../plan.ts";
import { valueType } from "../type-kind.ts";
import { hashSql } from "./hash-sql.ts";
import type { Place } from "./holdings.ts";
import type { Origin, Origins } from "./origins.ts";
import { piecesSql, readingOf } from "./pieces.ts";
import type { Comparison, Hit, Sight } from "./survival.ts";

/**
 * Why a value may be there:
 * - word: a word that the masks themselves pick from their lists;
 * - schema: a word in lower case that the schema is written with;
 * - drawn: the mask of that column drew it for a row whose original does not hold it;
 * - kept: many rows have it, and it stands in what the rules keep with a reason as well;
 * - weak: it stands in its own column, whose mask leaves some values as they are and says so.
 */
export type Reason = "word" | "schema" | "drawn" | "kept" | "weak";

/** A value at a place, and why it may be there; `undefined`: it survived. */
export interface Judged {
  readonly hit: Hit;
  readonly place: number;
  readonly sight: Sight;
  readonly reason: Reason | undefined;
}

export interface ExplainRequest {
  readonly source: Session;
  readonly catalog: Catalog;
  readonly plan: MaskingPlan;
  /** Hashes of what the masks themselves can write. */
  readonly maskWords: ReadonlySet<bigint>;
  readonly origins: Origins;
  readonly places: readonly Place[];
  /** The plan's key is the one that the target was made with. */
  readonly hasKey: boolean;
}

/** So many rows have a value in common before it says nothing about one of them. */
export const manyRows = 10;

/** More values than this do not come up by chance, and asking the masks about each would take hours. */
const mostDrawn = 5000;

export async function explainHits(
  { hits, schemaWords }: Pick<Comparison, "hits" | "schemaWords">,
  request: ExplainRequest,
): Promise<Judged[]> {
  if (hits.length === 0) return [];
  const { origins, places, maskWords } = request;
  let judged = hits.flatMap((hit) =>
    [...hit.places].map(([place, sight]): Judged => {
      const reason = maskWords.has(hit.hash)
        ? "word"
        : isOwnWeak(hit, places[place], origins.list)
          ? "weak"
          : schemaWords.has(hit.hash)
            ? "schema"
            : undefined;
      return { hit, place, sight, reason };
    }),
  );
  const settle = (isIt: (one: Judged) => boolean, reason: Reason) => {
    judged = judged.map((one) =>
      one.reason === undefined && isIt(one) ? { ...one, reason } : one,
    );
  };
  const open = () => judged.filter(({ reason }) => reason === undefined);
  const kept = await findKept(
    open().map(({ hit }) => hit),
    request,
  );
  settle(({ hit }) => kept.has(hit.hash), "kept");
  const left = open();
  if (request.hasKey && left.length <= mostDrawn) {
    const drawn = await findDrawn(left, request);
    settle(({ hit, place }) => drawn.has(`${place} ${hit.hash}`), "drawn");
  }
  // Statistics are taken of rows: what may stand in those may stand there.
  const reasons = groupBy(judged, ({ hit }) => hit.hash);
  return judged.map((one) => {
    if (one.reason !== undefined || places[one.place]?.column !== "statistics") return one;
    const others = (reasons.get(one.hit.hash) ?? []).filter(({ place }) => place !== one.place);
    const isExplained = others.length > 0 && others.every(({ reason }) => reason !== undefined);
    return isExplained ? { ...one, reason: others[0]?.reason } : one;
  });
}

/** Of the values that many rows have, those that stand in what is kept with a reason. */
async function findKept(
  hits: readonly Hit[],
  { source, origins }: ExplainRequest,
): Promise<Set<bigint>> {
  const isCommon = ({ origins: found }: Hit) =>
    [...found].some(([n, rows]) => rows >= manyRows && origins.list[n]?.isHistory === false);
  const common = [...new Set(hits.filter(isCommon).map(({ hash }) => String(hash)))];
  const kept = new Set<bigint>();
  for (let at = 0; at < common.length; at += mostAtOnce) {
    const list = JSON.stringify(common.slice(at, at + mostAtOnce));
    for (const { masking, selects } of origins.kept) {
      const rows = await source.query<{ hash: string }>(
        `select distinct x.h::text as hash from only ${qualified(masking.schema, masking.name)} t
         cross join lateral (select ${hashSql("p.v")} as h from (${selects.join(" union all ")}) p where p.v is not null) x
         where x.h in (select (jsonb_array_elements_text($1::text::jsonb))::int8)`,
        [list],
      );
      for (const { hash } of rows) kept.add(BigInt(hash));
    }
  }
  return kept;
}

/** All columns that it is an original of are weakly masked, and it stands in one of them. */
function isOwnWeak(hit: Hit, place: Place | undefined, origins: readonly Origin[]): boolean {
  const from = [...hit.origins.keys()].flatMap((n) => origins[n] ?? []);
  return (
    from.every(({ isWeak }) => isWeak) &&
    from.some(({ table, column }) => table === place?.table && column === place.column)
  );
}

const mostAtOnce = 5000;

/**
 * Asks the source what its masks make of each row: a value that comes out of a row which does not
 * hold it was drawn, and not carried over. `place hash` of those of which this is true everywhere.
 */
async function findDrawn(
  judged: readonly Judged[],
  { source, catalog, plan, places }: ExplainRequest,
): Promise<Set<string>> {
  const drawn = new Set<string>();
  const carried = new Set<string>();
  const byPlace = groupBy(judged, ({ place }) => place);
  for (const [place, group] of byPlace) {
    const { table: name, column } = places[place] ?? {};
    for (const masking of plan.tables) {
      const table = catalog.byOid.get(masking.oid);
      const masked = masking.columns.find((one) => one.name === column);
      if (!table || nameOf(rootOf(catalog, table)) !== name || !masked?.expression) continue;
      const own = table.columns
        .filter(({ generated }) => generated === null)
        .flatMap((one) => {
          const type = valueType(catalog, one.type, one.modifier, one.typeName);
          return piecesSql(`t.${ident(one.name)}`, readingOf(type), one.typeName);
        });
      const type = table.columns.find((one) => one.name === column);
      if (!type || own.length === 0 || (await isEmpty(source, masking))) continue;
      const reading = readingOf(valueType(catalog, type.type, type.modifier, type.typeName));
      const pieces = piecesSql("m.m", reading, type.typeName);
      for (let at = 0; at < group.length; at += mostAtOnce) {
        const hashes = group.slice(at, at + mostAtOnce).map(({ hit }) => String(hit.hash));
        const rows = await source.query<{ hash: string; own: boolean }>(
          `select x.h::text as hash, bool_or(x.h in (select ${hashSql("o.v")} from (${own.join(" union all ")}) o)) as own
           from ${masking.from}
           cross join lateral (select ${masked.expression} as m offset 0) m
           cross join lateral (select ${hashSql("p.v")} as h from (${pieces.join(" union all ")}) p where p.v is not null) x
           where x.h in (select (jsonb_array_elements_text($1::text::jsonb))::int8)
           group by 1`,
          [JSON.stringify(hashes)],
        );
        for (const { hash, own: isOwn } of rows) (isOwn ? carried : drawn).add(`${place} ${hash}`);
      }
    }
  }
  return new Set([...drawn].filter((one) => !carried.has(one)));
}

/** Most partitions of a history are; what the masks make of no rows need not be planned. */
async function isEmpty(source: Session, { schema, name }: TableMasking): Promise<boolean> {
  const { has } = await source.one<{ has: boolean }>(
    `select exists (select from only ${qualified(schema, name)}) as has`,
  );
  return !has;
}

/** As Map.groupBy, which Node 20 lacks. */
export function groupBy<T, K>(list: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
