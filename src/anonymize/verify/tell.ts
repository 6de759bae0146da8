/** Says what survived, where, and what is allowed to be there. Values are shown masked. */
import type { Finding } from "../../findings.ts";
import { groupBy, type Judged, type Reason } from "./explain.ts";
import { type Place, placeName } from "./holdings.ts";
import { type Origin, originName } from "./origins.ts";
import type { Comparison, Sight, TextHit } from "./survival.ts";

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
  /** Sampled originals that were searched for in all text, also inside of words. */
  readonly searched: {
    readonly samples: number;
    readonly bytes: number;
    readonly found: readonly Survivor[];
  };
  readonly findings: readonly Finding[];
}

export interface Told {
  readonly comparison: Comparison;
  readonly judged: readonly Judged[];
  /** Hashes of what the masks themselves can write. */
  readonly maskWords: ReadonlySet<bigint>;
  readonly origins: readonly Origin[];
  readonly places: readonly Place[];
  readonly hasKey: boolean;
}

const mostExamples = 3;

const cut: Finding = {
  rule: "verify/incomplete",
  severity: "error",
  message: "more values are in both databases than can be followed, so what is listed is a part",
  hint: "mask the columns that are listed, copy again, and verify that copy",
};

export function tellSurvivors(told: Told): Survival {
  const { comparison, judged, origins, places, hasKey } = told;
  const nameOf = (n: number) => originName(origins[n] ?? { table: "", column: "" });
  const groups = groupBy(judged, ({ reason, hit, place }) =>
    JSON.stringify([reason, [...hit.origins.keys()].map(nameOf).toSorted(), place]),
  );
  const survivors: Survivor[] = [];
  const allowed: Allowance[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    const place = first && places[first.place];
    if (!first || !place) continue;
    const about = {
      from: [...first.hit.origins.keys()].map(nameOf).toSorted(),
      in: placeName(place),
      ...sum(group.map(({ sight }) => sight)),
    };
    if (first.reason === undefined) survivors.push(about);
    else {
      const { from, in: where, values, times } = about;
      allowed.push({ reason: first.reason, from, in: where, values, times });
    }
  }
  const found = tellTextHits(told).map((group) => ({
    from: [nameOf(group[0]?.origin ?? -1)],
    in: placeName(places[group[0]?.place ?? -1] ?? { column: "?" }),
    ...sum(group.map(({ sight }) => sight)),
  }));
  const sought = comparison.sought.reduce((all, count) => all + count, 0);
  const byValues = (one: { values: number }, other: { values: number }) =>
    other.values - one.values;
  survivors.sort(byValues);
  return {
    columns: origins.map((origin, n) => ({
      ...origin,
      sought: comparison.sought[n] ?? 0,
      untold: comparison.untold[n] ?? 0,
    })),
    compared: comparison.compared,
    chance: (sought * comparison.compared) / 2 ** 64,
    survivors,
    allowed: allowed.toSorted(byValues),
    isCut: comparison.isCut,
    searched: { samples: comparison.samples, bytes: comparison.bytes, found },
    findings: [
      ...(comparison.isCut ? [cut] : []),
      ...survivors.map((one) => survived(one, hasKey)),
      ...found.map((one) => survived(one, hasKey)),
    ],
  };
}

/** Those that the comparison word by word did not judge already. */
function tellTextHits({ comparison, judged, maskWords, origins, places }: Told): TextHit[][] {
  const known = new Set(judged.map(({ hit, place }) => `${hit.hash} ${place}`));
  const explained = new Set(
    judged.flatMap(({ hit, reason }) =>
      reason === "word" || reason === "kept" || reason === "schema" ? [hit.hash] : [],
    ),
  );
  const isOwn = ({ origin, place }: TextHit) => {
    const from = origins[origin];
    return (
      from?.isWeak === true &&
      from.table === places[place]?.table &&
      from.column === places[place]?.column
    );
  };
  // "St. Louis" is part of "St. Louis Park", which a mask may write for somebody else.
  const left = comparison.textHits.filter(
    (one) =>
      !known.has(`${one.hash} ${one.place}`) &&
      !explained.has(one.hash) &&
      !maskWords.has(one.hash) &&
      !isOwn(one),
  );
  return [...groupBy(left, ({ origin, place }) => `${origin} ${place}`).values()];
}

function sum(sights: readonly Sight[]): Pick<Survivor, "values" | "times" | "paths" | "examples"> {
  const distinct = (list: readonly (string | undefined)[]) =>
    [...new Set(list.filter((one) => one !== undefined && one !== ""))].slice(
      0,
      mostExamples,
    ) as string[];
  return {
    values: sights.length,
    times: sights.reduce((all, { times }) => all + times, 0),
    paths: distinct(sights.map(({ path }) => path)),
    examples: distinct(sights.map(({ example }) => example)),
  };
}

function survived(
  { from, in: place, paths, values, times, examples }: Survivor,
  hasKey: boolean,
): Finding {
  const where = paths.length === 0 ? "" : ` (${paths.join(", ")})`;
  const [count, stand] = values === 1 ? ["1 original", "stands"] : [`${values} originals`, "stand"];
  return {
    rule: "verify/survived",
    severity: "error",
    message: `${count} of ${from.join(", ")} ${stand} in ${place}${where}, ${times === 1 ? "once" : `${times} times`}: ${examples.join(", ")}`,
    hint: hasKey
      ? "mask that column, too, or take the text out of the schema; then copy again"
      : "with the key of the copy (--key-file, PGWRIGHT_ANON_KEY) values that a mask drew by chance are told apart",
    object: place,
  };
}
