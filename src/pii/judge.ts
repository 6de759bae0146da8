/** Weighs what is known of one column, or of one path in its JSON: log-odds, each with its reason. */
import type { Detector, Kind } from "./detector.ts";
import { detectors } from "./detectors/index.ts";
import type { Scheme } from "./identifiers/scheme.ts";
import { readName, readSentence, type NameMatch } from "./lexicon.ts";
import { logistic, tail, wilson } from "./likelihood.ts";
import type { Certainty } from "./report.ts";
import { showMasked } from "./show.ts";
import type { Tally } from "./tally.ts";

/** How much the table is about people: by its name or columns that name people; by a reference to such a table. */
export type Context = "people" | "reference" | "none";

export interface Subject {
  /** The column's name, or the last key of a path. */
  readonly name: string;
  /** Words of the table's name, or of the key around. */
  readonly parents: readonly string[];
  /** The name of the base type, "" for a JSON value. */
  readonly type: string;
  /** Undefined where the type does not say: JSON that was never seen. */
  readonly kind: Kind | undefined;
  readonly comment: string;
  readonly context: Context;
  /** "public.users.email" where a foreign key leads to a column that was judged before. */
  readonly target?: { readonly column: string; readonly entity: string } | undefined;
  readonly tally?: Tally | undefined;
}

export interface Judgement {
  readonly entity: string;
  readonly confidence: number;
  readonly level: Certainty;
  readonly evidence: readonly string[];
  readonly direct: boolean;
}

interface Weighed extends Judgement {
  readonly odds: number;
  /** Values are it as a whole, hold it within longer text, or say nothing. */
  readonly values: "is" | "contains" | "none";
}

// One column in twenty is personal, before anything is known of it.
const prior = -3;
const proof = 1e-4;

export const levels: Readonly<Record<Certainty, number>> = {
  certain: 0.95,
  likely: 0.7,
  possible: 0.35,
};

/** What the column holds, the most likely first; nothing where nothing reaches "possible". */
export function judge(subject: Subject): Judgement[] {
  const matches = readName(subject.name, subject.parents);
  const weighed = detectors
    .filter((detector) => fits(detector, subject))
    .map((detector) => weigh(detector, subject, matches))
    .filter(({ confidence }) => confidence >= levels.possible)
    .toSorted((one, other) => other.odds - one.odds);
  const [best] = weighed;
  if (best === undefined) return [];
  // A column is one thing; a text may hold several.
  const others = weighed
    .slice(1)
    .filter(({ values }) => values === "contains" && best.values !== "is");
  return [best, ...others].map(({ odds: _odds, values: _values, ...judgement }) => judgement);
}

function fits(detector: Detector, { kind, type }: Subject): boolean {
  if (kind === undefined) return true;
  return detector.kinds.includes(kind) || (detector.types?.includes(type) ?? false);
}

function weigh(detector: Detector, subject: Subject, matches: readonly NameMatch[]): Weighed {
  const evidence: string[] = [];
  let odds = prior;
  const own = matches.filter(({ entity }) => entity === detector.entity);
  const named = own.find(({ strength }) => strength === "strong") ?? own[0];
  const add = (weight: number, reason: string) => {
    odds += weight;
    evidence.push(reason);
  };
  if (named?.strength === "strong") {
    add(5, `the name says ${detector.says}: ${named.phrase}`);
    if (subject.context === "people") add(0.7, "the table is about people");
  } else if (named?.strength === "weak") {
    addWeakName(named, subject, add);
  } else if (named?.strength === "not") {
    add(-4, `the name is about something else of it: ${subject.name}`);
  }
  if (detector.types?.includes(subject.type)) add(5, `the type is ${subject.type}`);
  // A phrase that is known to be something else ("contract address") is so in the comment too.
  const isElse = matches.some(({ entity, strength }) => entity === null && strength === "not");
  if (!isElse && subject.comment !== "" && readSentence(subject.comment).has(detector.entity)) {
    add(2.2, `the comment says ${detector.says}`);
  }
  if (subject.target?.entity === detector.entity) {
    add(6, `it references ${subject.target.column}`);
  }
  const values = subject.tally
    ? weighValues(detector, subject.tally, { add, isNamed: odds > prior + 1, matches, named })
    : "none";
  const confidence = Math.round(logistic(odds) * 1000) / 1000;
  const level =
    confidence >= levels.certain ? "certain" : confidence >= levels.likely ? "likely" : "possible";
  return {
    entity: detector.entity,
    confidence,
    level,
    evidence,
    direct: detector.isDirect,
    odds,
    values,
  };
}

type Add = (weight: number, reason: string) => void;

function addWeakName(named: NameMatch, { context }: Subject, add: Add): void {
  const reason = `the name may say it: ${named.phrase}`;
  if (context === "people") add(4, `${reason}, and the table is about people`);
  else if (context === "reference" && !named.isOfTable)
    add(2.8, `${reason}, and the row belongs to a person`);
  else add(1.5, reason);
}

interface ValueContext {
  readonly add: Add;
  readonly isNamed: boolean;
  readonly matches: readonly NameMatch[];
  readonly named: NameMatch | undefined;
}

function weighValues(detector: Detector, tally: Tally, context: ValueContext): Weighed["values"] {
  const { add, isNamed, matches, named } = context;
  if (tally.rows === 0) return "none";
  if (isNamed && detector.isVaried && tally.rows >= 100 && tally.distinct <= 6) {
    add(-4, `only ${tally.distinct} different values in ${tally.rows} rows`);
  }
  if (detector.entity === "national_id" || detector.entity === "health_id") {
    return weighSchemes(detector, tally, context);
  }
  const test = detector.value;
  if (test === undefined) return "none";
  const counts = tally.counts.get(detector);
  const total = test.byRows ? tally.rows : tally.distinct;
  const yes = (test.byRows ? counts?.yesRows : counts?.yes) ?? 0;
  const shape = (test.byRows ? counts?.shapeRows : counts?.shape) ?? 0;
  const what = `of ${total} ${test.byRows ? "values" : "different values"}`;
  const shown = counts?.example === undefined ? "" : `, like ${showMasked(counts.example)}`;
  const share = test.share ?? 0.5;
  const [low] = wilson(yes, total);
  if (test.weight > 0 && yes / total >= share && tail(yes, yes + shape, test.chance) < proof) {
    // A handful proves less; a name that speaks of something else halves what checks prove.
    const few = low < share * 0.6 ? 0.6 : 1;
    const isElse = matches.some(({ strength }) => strength === "not") && test.weight < 6.5;
    add(test.weight * few - (isElse ? 4 : 0), `${yes} ${what} look like ${detector.says}${shown}`);
    return "is";
  }
  const found = yes + (counts?.within ?? 0);
  if (
    test.within &&
    !test.byRows &&
    found >= 2 &&
    tail(found, total, Math.min(test.chance, 1e-4)) < proof
  ) {
    add(4.5, `${found} ${what} hold ${detector.says}${shown}`);
    return "contains";
  }
  if (isNamed && named?.strength !== "not") contradict(detector, { total, yes, shape, what }, add);
  return "none";
}

interface Seen {
  readonly total: number;
  readonly yes: number;
  readonly shape: number;
  readonly what: string;
}

function contradict(detector: Detector, { total, yes, shape, what }: Seen, add: Add): void {
  const test = detector.value;
  if (test === undefined || test.against === 0) return;
  const plausible = yes + shape;
  const [, high] = wilson(plausible, total);
  const reason = `${plausible} ${what} can be ${detector.says}`;
  if (total >= 3 && high < 0.7 && plausible / total < 0.2) add(-test.against, `only ${reason}`);
  else if (total >= 10 && high < 0.6) add(-test.against / 2, `only ${reason}`);
  else if (test.chance >= 0.02 && test.weight >= 5 && total >= 10) {
    add(-test.against * 0.4, `no more values than by chance pass the checks of ${detector.says}`);
  }
}

/** National identifiers: the scheme that most values pass, far more often than by chance. */
function weighSchemes(detector: Detector, tally: Tally, context: ValueContext): Weighed["values"] {
  const { add, isNamed, matches } = context;
  const total = tally.distinct;
  let best: { scheme: Scheme; weight: number; yes: number; example: string } | undefined;
  for (const [scheme, { yes, shape, written, example = "" }] of tally.schemes) {
    if (scheme.entity !== detector.entity || yes / total < 0.8) continue;
    const isWritten = written / total >= 0.8 && total >= 3;
    const passes = scheme.chance < 0.5 && tail(yes, yes + shape, scheme.chance) < proof;
    const weight = isWritten
      ? 5
      : !passes
        ? 0
        : scheme.isCommon
          ? 2
          : scheme.chance <= 0.05
            ? 6
            : 5.3;
    if (weight > 0 && (best === undefined || weight > best.weight)) {
      best = { scheme, weight, yes, example };
    }
  }
  if (best !== undefined) {
    const isElse = matches.some(({ strength }) => strength === "not");
    const reason = `${best.yes} of ${total} different values are valid as ${best.scheme.title}, like ${showMasked(best.example)}`;
    add(best.weight - (isElse ? 5 : 0), reason);
    return "is";
  }
  if (!isNamed || total < 10) return "none";
  const [, high] = wilson(tally.identifierLike, total);
  if (high < 0.3) add(-4, "hardly any value has the form of an identifier");
  return "none";
}
