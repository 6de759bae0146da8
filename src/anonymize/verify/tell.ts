/** Says what survived, where, and what is allowed to be there. Values are shown masked. */
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { groupBy, type Judged, type Reason } from "./explain.ts";
import { hashSql } from "./hash.ts";
import { type Holdings, placeName } from "./holdings.ts";
import { type Origin, originName } from "./origins.ts";
import { showMasked } from "./scanner.ts";
import type { Comparison } from "./survival.ts";

/** Originals of one column at one place of the target. */
export interface Survivor {
  /** `schema.table.column` of the source. */
  readonly from: readonly string[];
  /** `schema.table.column` of the target, or the kind of the catalog's text. */
  readonly in: string;
  /** Places in documents, or names of objects. */
  readonly paths: readonly string[];
  /** Different values, and how often they stand there. */
  readonly values: number;
  readonly times: number;
  /** Masked. */
  readonly examples: readonly string[];
}

export interface Allowance {
  readonly reason: Reason;
  readonly from: readonly string[];
  readonly in: string;
  readonly values: number;
  readonly times: number;
}

export interface SoughtColumn extends Origin {
  /** Values that were looked for, and those that are too short or too common in kind. */
  readonly sought: number;
  readonly untold: number;
}

export interface Survival {
  readonly columns: readonly SoughtColumn[];
  readonly compared: number;
  /** That two different values of both have one hash: the expected number of such pairs. */
  readonly chance: number;
  readonly survivors: readonly Survivor[];
  readonly allowed: readonly Allowance[];
  readonly isCut: boolean;
  readonly findings: readonly Finding[];
}

export interface Told {
  readonly comparison: Comparison;
  readonly judged: readonly Judged[];
  readonly origins: readonly Origin[];
  readonly holdings: Holdings;
  readonly hasKey: boolean;
}

export async function tellSurvivors(target: Session, told: Told): Promise<Survival> {
  const { comparison, judged, origins, holdings } = told;
  const nameOrigins = ({ hit }: Judged) =>
    [...hit.origins].map((n) => originName(origins[n] ?? { table: "", column: "" })).toSorted();
  const groups = groupBy(judged, (one) =>
    JSON.stringify([one.reason, nameOrigins(one), one.place]),
  );
  const survivors: Survivor[] = [];
  const allowed: Allowance[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    const place = first && holdings.places[first.place];
    if (!first || !place) continue;
    const about = {
      from: nameOrigins(first),
      in: placeName(place),
      values: group.length,
      times: group.reduce((sum, { times }) => sum + times, 0),
    };
    if (first.reason !== undefined) allowed.push({ reason: first.reason, ...about });
    else survivors.push({ ...about, ...(await showPlace(target, group, holdings)) });
  }
  const sought = comparison.sought.reduce((sum, count) => sum + count, 0);
  return {
    columns: origins.map((origin, n) => ({
      ...origin,
      sought: comparison.sought[n] ?? 0,
      untold: comparison.untold[n] ?? 0,
    })),
    compared: comparison.compared,
    chance: (sought * comparison.compared) / 2 ** 64,
    survivors: survivors.toSorted((one, other) => other.values - one.values),
    allowed: allowed.toSorted((one, other) => other.values - one.values),
    isCut: comparison.isCut,
    findings: survivors.map((one) => finding(one, told.hasKey)),
  };
}

const mostExamples = 3;

/** Looks some of the values up where they stand. */
async function showPlace(
  target: Session,
  group: readonly Judged[],
  { list, places }: Holdings,
): Promise<{ paths: string[]; examples: string[] }> {
  const number = group[0]?.place ?? -1;
  const isCatalog = places[number]?.table === undefined;
  const hashes = JSON.stringify(group.slice(0, 20).map(({ hit }) => String(hit.hash)));
  const paths = new Set<string>();
  const examples = new Set<string>();
  for (const { from, pieces, columns } of list) {
    const column = columns.find(({ place }) => place === number);
    const own = pieces.filter(({ place }) => place === number || typeof place === "string");
    if (!column || examples.size >= mostExamples) continue;
    const whole =
      column.reading === "document"
        ? `to_jsonb(${column.value})::text`
        : isCatalog
          ? "t.name"
          : "null";
    const rows = await target.query<{ v: string; whole: string | null }>(
      `select p.v, ${whole} as whole from ${from} cross join lateral (${own.map(({ sql }) => sql).join(" union all ")}) p
       where ${hashSql("p.v")} in (select (jsonb_array_elements_text($1::text::jsonb))::int8) limit ${mostExamples}`,
      [hashes],
    );
    for (const { v, whole: text } of rows) {
      examples.add(showMasked(v));
      if (text !== null && isCatalog) paths.add(text);
      else if (text !== null) for (const path of findPaths(JSON.parse(text), v)) paths.add(path);
    }
  }
  return {
    paths: [...paths].slice(0, mostExamples),
    examples: [...examples].slice(0, mostExamples),
  };
}

/** Where in a document a text stands: `$.contacts[*].email`. */
export function findPaths(document: unknown, text: string, at = "$"): string[] {
  const wanted = text.toLowerCase();
  if (Array.isArray(document)) {
    return [...new Set(document.flatMap((one) => findPaths(one, text, `${at}[*]`)))];
  }
  if (typeof document === "object" && document !== null) {
    return Object.entries(document).flatMap(([key, value]) => {
      const below = findPaths(value, text, `${at}.${key}`);
      return key.toLowerCase().includes(wanted) ? [`${at} (a key)`, ...below] : below;
    });
  }
  return String(document).toLowerCase().includes(wanted) ? [at] : [];
}

function finding(
  { from, in: place, paths, values, times, examples }: Survivor,
  hasKey: boolean,
): Finding {
  const where = paths.length === 0 ? "" : ` (${paths.join(", ")})`;
  const count = values === 1 ? "1 original" : `${values} originals`;
  return {
    rule: "verify/survived",
    severity: "error",
    message: `${count} of ${from.join(", ")} stand in ${place}${where}, ${times} times: ${examples.join(", ")}`,
    hint: hasKey
      ? "mask that column, too, or take the text out of the schema; then copy again"
      : "with the key of the copy (--key-file, PGWRIGHT_ANON_KEY) values that a mask drew by chance are told apart",
    object: place,
  };
}
