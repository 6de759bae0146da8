/** ALTER SEQUENCE, and ALTER COLUMN for the sequence of an identity column. */

const limits: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

interface SequenceState {
  readonly type: string;
  readonly increment: bigint;
  readonly min: bigint;
  readonly max: bigint;
  readonly start: bigint;
  readonly cache: bigint;
  readonly isCycling: boolean;
}

export interface SequenceChange {
  /** `INCREMENT BY 5`, in an order that ALTER SEQUENCE and ALTER COLUMN … SET take. */
  readonly options: readonly string[];
  /** Its value may lie outside of the new bounds, which PostgreSQL refuses then. */
  readonly isNarrowed: boolean;
}

/**
 * What leads from one sequence to another one. Its value stays where it is, the start included: that
 * is where a RESTART would lead to.
 *
 * @param was Type and options as the dump writes them: those that differ from what the type has.
 */
export function sequenceChange(
  was: { readonly type: string; readonly options: string },
  is: { readonly type: string; readonly options: string },
): SequenceChange {
  const [had, has] = [readState(was), readState(is)];
  const isOtherType = had.type !== has.type;
  // Another type moves bounds that were those of the old one, so that both are said.
  const differs = (key: keyof SequenceState) => had[key] !== has[key];
  const options = [
    ...(isOtherType ? [`AS ${has.type}`] : []),
    ...(differs("increment") ? [`INCREMENT BY ${has.increment}`] : []),
    ...(differs("min") || isOtherType ? [`MINVALUE ${has.min}`] : []),
    ...(differs("max") || isOtherType ? [`MAXVALUE ${has.max}`] : []),
    ...(differs("start") ? [`START WITH ${has.start}`] : []),
    ...(differs("cache") ? [`CACHE ${has.cache}`] : []),
    ...(differs("isCycling") ? [has.isCycling ? "CYCLE" : "NO CYCLE"] : []),
  ];
  return { options, isNarrowed: has.min > had.min || has.max < had.max };
}

function readState({ type, options }: { type: string; options: string }): SequenceState {
  const number = (word: string) => {
    const found = new RegExp(`(?:^|[\\s(])${word} (-?[0-9]+)`).exec(options)?.[1];
    return found === undefined ? undefined : BigInt(found);
  };
  const [lowest, highest] = limits[type] ?? [0n, 0n];
  const increment = number("INCREMENT BY") ?? 1n;
  const isDescending = increment < 0n;
  const min = number("MINVALUE") ?? (isDescending ? lowest : 1n);
  const max = number("MAXVALUE") ?? (isDescending ? -1n : highest);
  return {
    type,
    increment,
    min,
    max,
    start: number("START WITH") ?? (isDescending ? max : min),
    cache: number("CACHE") ?? 1n,
    isCycling: /(?:^|[\s(])CYCLE(?:$|[\s)])/.test(options),
  };
}

/** Statements for a sequence by itself; the reason where they could fail. */
export function alterSequence(
  label: string,
  before: string,
  now: string,
): { readonly sql: readonly string[]; readonly why?: string } {
  const name = label.slice("sequence ".length);
  const [had, has] = [before, now].map((sql) => readCreate(sql, name));
  const alter = `ALTER SEQUENCE ${name}`;
  const { options, isNarrowed } = sequenceChange(had ?? none, has ?? none);
  const level =
    had?.isUnlogged === has?.isUnlogged
      ? []
      : [`${alter} SET ${has?.isUnlogged === true ? "UNLOGGED" : "LOGGED"}`];
  if (options.length === 0) return { sql: level };
  const change = `${alter} ${options.join(" ")}`;
  return isNarrowed ? { sql: level, why: narrowed(change) } : { sql: [...level, change] };
}

export const narrowed = (change: string) =>
  `it fails where its value lies outside of the new bounds: \`${change}\``;

const none = { type: "bigint", options: "", isUnlogged: false };

function readCreate(sql: string, name: string): typeof none {
  const rest = sql.slice(sql.indexOf(` SEQUENCE ${name}`) + ` SEQUENCE ${name}`.length);
  const type = /^ AS (\w+)/.exec(rest)?.[1] ?? "bigint";
  return { type, options: rest, isUnlogged: sql.startsWith("CREATE UNLOGGED ") };
}
