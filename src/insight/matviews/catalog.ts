/** The materialized views of a database: what each reads, and how it can be refreshed. */
import type { Session } from "../../db/session.ts";
import selectMatviews from "./matviews.sql";
import selectSources from "./sources.sql";

/** By which right the connected role may refresh: as owner, by MAINTAIN (17+), after SET ROLE, or not at all. */
export type Access = "own" | "maintain" | "assume" | "none";

/** What a view was made of, comparable over time: equal fingerprints mean equal contents. */
export interface Fingerprint {
  /** Database and last reset of its counters. */
  readonly epoch: string;
  /** Settings that functions of time and text depend on. */
  readonly settings: string;
  readonly definition: string;
  /** By table: files, and rows ever inserted, updated and deleted. */
  readonly relations: Readonly<Record<string, readonly [string, number, number, number]>>;
}

export interface Upstream {
  readonly oid: string;
  readonly view: string;
  /** Plain views on the way, the nearest first. */
  readonly through: readonly string[];
}

/** What a view reads, and the state of that. */
export interface Sources {
  readonly tables: readonly string[];
  readonly matviews: readonly Upstream[];
  /** Why equal counters prove nothing: "calls now()". */
  readonly restless: readonly string[];
  /** Functions of the project that may read tables nobody knows of. */
  readonly unseenBehind: readonly string[];
  /** Tables whose rows row level security would hide from a refresh, and whose rights it has. */
  readonly hiddenRows: readonly { readonly table: string; readonly reader: string }[];
  readonly fingerprint: Fingerprint;
  /** False with `track_counts = off`. */
  readonly isCounting: boolean;
}

export interface Matview {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `schema.name`, quoted where needed. */
  readonly view: string;
  readonly owner: string;
  readonly isPopulated: boolean;
  /** Null while a plain refresh or DDL holds it: measuring it would wait. */
  readonly bytes: number | null;
  /** The planner's estimate; null where nobody has analysed it. */
  readonly rowsEstimate: number | null;
  readonly access: Access;
  /** The connected role may count its rows. */
  readonly canCount: boolean;
  /** The unique index that REFRESH … CONCURRENTLY uses. */
  readonly key: string | null;
  /** Why it cannot be refreshed CONCURRENTLY, whether populated or not; null where it can. */
  readonly obstacle: string | null;
  readonly sources: Sources;
}

interface CatalogRow extends Omit<Matview, "key" | "obstacle" | "sources"> {
  readonly uniqueIndexes: readonly {
    readonly name: string;
    readonly isUsable: boolean;
    readonly flaw: string | null;
  }[];
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly kind: "r" | "p" | "v" | "m" | "f" | "S";
}

interface SourceRow extends Omit<Sources, "tables" | "matviews"> {
  readonly oid: string;
  readonly edges: readonly Edge[];
}

/** All of them, by schema and name. Extensions' own are left out: they refresh them themselves. */
export async function readMatviews(session: Session): Promise<Matview[]> {
  const rows = await session.query<CatalogRow>(selectMatviews);
  if (rows.length === 0) return [];
  const sources = new Map(
    (await session.query<SourceRow>(selectSources, [null])).map((row) => [row.oid, asSources(row)]),
  );
  return rows.flatMap(({ uniqueIndexes, ...row }) => {
    const found = sources.get(row.oid);
    // Dropped between the two looks.
    return found === undefined ? [] : [{ ...row, ...judgeKey(uniqueIndexes), sources: found }];
  });
}

/** What one of them reads now; undefined where it is gone. */
export async function readSources(session: Session, oid: string): Promise<Sources | undefined> {
  const [row] = await session.query<SourceRow>(selectSources, [oid]);
  return row && asSources(row);
}

function asSources({ edges, oid, ...row }: SourceRow): Sources {
  const tables = edges.filter(({ kind }) => kind !== "v" && kind !== "m").map(({ name }) => name);
  return { ...row, tables: [...new Set(tables)].toSorted(), matviews: findUpstream(oid, edges) };
}

/** Breadth first, so that the shortest way through plain views is the one told. */
function findUpstream(oid: string, edges: readonly Edge[]): Upstream[] {
  const found: Upstream[] = [];
  const seen = new Set([oid]);
  const waiting: { readonly at: string; readonly through: readonly string[] }[] = [
    { at: oid, through: [] },
  ];
  for (const { at, through } of waiting) {
    for (const { from, to, name, kind } of edges) {
      if (from !== at || seen.has(to)) continue;
      seen.add(to);
      if (kind === "m") found.push({ oid: to, view: name, through });
      if (kind === "v") waiting.push({ at: to, through: [...through, name] });
    }
  }
  return found;
}

function judgeKey(indexes: CatalogRow["uniqueIndexes"]): Pick<Matview, "key" | "obstacle"> {
  const usable = indexes.find(({ isUsable }) => isUsable);
  if (usable) return { key: usable.name, obstacle: null };
  const [first] = indexes;
  const obstacle = first ? `unique index ${first.name} ${first.flaw}` : "no unique index";
  return { key: null, obstacle };
}
