/** Which parent each row of a table refers to, for each of its foreign keys. */
import type { ForeignKey } from "./catalog.ts";
import type { Draw } from "./draw.ts";
import { permute } from "./hash.ts";
import type { Rules } from "./check.ts";
import { Impossible } from "./scope.ts";
import type { Source } from "./source.ts";

export interface Link {
  readonly key: ForeignKey;
  readonly source: Source;
  readonly isSelf: boolean;
  /** The parent's row; null refers to none. */
  readonly pick: (row: number) => number | null;
  /** The same, without remembering the row. */
  readonly choose: (row: number) => number | null;
  readonly how: string;
  /** Parents that keys which share columns with this one can go along with. */
  readonly accepts: ((parent: number) => boolean)[];
}

export interface LinkFacts {
  readonly key: ForeignKey;
  readonly source: Source;
  readonly isSelf: boolean;
  /** Columns that may stay NULL. */
  readonly nullable: readonly string[];
  readonly draw: Draw;
  /** Decided by a unique key or by rows per parent. */
  readonly decided: ((row: number) => number) | undefined;
  readonly decidedHow: string;
  readonly nullShare: number;
  /** A unique key wants every row to refer to another one. */
  readonly isOnce: boolean;
  readonly redraws: { readonly count: number };
  readonly rules: Rules;
  /** The parents that checks of the key's columns leave; undefined for all. */
  readonly fitting: () => Uint32Array | undefined;
  /** Those before it in the table. */
  readonly earlier: readonly Link[];
  /** Of the table itself, for a self-reference that shares columns with another key. */
  readonly own: (column: string, row: number) => string | null;
}

/** @throws Impossible when the parent has no row and the key may not be NULL. */
export function makeLink(facts: LinkFacts): Link {
  const { key, source, isSelf } = facts;
  const shared = key.columns.filter((column) =>
    facts.earlier.some((link) => link.key.columns.includes(column)),
  );
  const canBeNull = key.isFull
    ? key.columns.every((column) => facts.nullable.includes(column))
    : key.columns.some((column) => facts.nullable.includes(column) && !shared.includes(column));
  const accepts: Link["accepts"] = [];
  if (!isSelf && source.count === 0) {
    if (canBeNull) {
      return {
        key,
        source,
        isSelf,
        accepts,
        pick: () => null,
        choose: () => null,
        how: "nothing to refer to",
      };
    }
    throw new Impossible(`${key.name} refers to a table without rows`);
  }
  const base =
    facts.decided ?? (isSelf ? pickEarlier(facts, canBeNull) : pickSkewed(facts, accepts));
  const apart = keepApart(facts, base);
  const fitting = shared.length > 0 ? fitShared(facts, shared, apart, canBeNull) : apart;
  const share = facts.decided !== undefined || !canBeNull ? 0 : facts.nullShare;
  const pick =
    share === 0
      ? fitting
      : (row: number) => (facts.draw.unit(row, 0x101) < share ? null : fitting(row));
  return {
    key,
    source,
    isSelf,
    accepts,
    pick: remember(pick, facts.redraws),
    choose: pick,
    how: facts.decided ? facts.decidedHow : "some have many",
  };
}

type Pick = (row: number) => number | null;

/** Each column of a key asks which parent its row has, and so does the row's time of birth. */
function remember(pick: Pick, redraws: { readonly count: number }): Pick {
  let last = { row: -1, redraws: 0, parent: null as number | null };
  return (row) => {
    if (last.row !== row || last.redraws !== redraws.count) {
      last = { row, redraws: redraws.count, parent: pick(row) };
    }
    return last.parent;
  };
}

/** Some parents have many children: a tenth of them has about a third. */
function pickSkewed({ draw, source, fitting }: LinkFacts, accepts: Link["accepts"]): Pick {
  const choose = (row: number, salt: number) => {
    const u = draw.unit(row, salt);
    const among = fitting();
    const count = among?.length ?? source.count;
    const place = permute(Math.min(count - 1, Math.floor(u * u * count)), count, draw.key);
    return among?.[place] ?? place;
  };
  return (row) => {
    let parent = choose(row, 0);
    for (let salt = 1; salt < 200 && !accepts.every((accept) => accept(parent)); salt += 1) {
      parent = choose(row, 0x400 + salt);
    }
    return parent;
  };
}

/** Rows of a self-reference refer to earlier ones: a tree, whose first row is a root. */
function pickEarlier({ draw, isOnce }: LinkFacts, canBeNull: boolean): Pick {
  // Each once: every row refers to the one before it, or, where none may be left out, to itself.
  if (isOnce) return (row) => (canBeNull ? (row === 0 ? null : row - 1) : row);
  return (row) => (row === 0 ? (canBeNull ? null : 0) : draw.below(row, row, 1));
}

/** Two references to one table whose columns must differ do not meet. */
function keepApart({ key, rules, earlier, source, isSelf }: LinkFacts, pick: Pick): Pick {
  const other = earlier.find(
    (link) =>
      link.key.target === key.target &&
      key.columns.some((column) =>
        rules.get(column)?.distinctFrom?.some((one) => link.key.columns.includes(one)),
      ),
  );
  if (!other || isSelf) return pick;
  return (row) => {
    const chosen = pick(row);
    return chosen !== null && chosen === other.pick(row) ? (chosen + 1) % source.count : chosen;
  };
}

/** Columns that an earlier key filled already leave only the parents with the same values. */
function fitShared(
  facts: LinkFacts,
  shared: readonly string[],
  pick: Pick,
  canBeNull: boolean,
): Pick {
  const { key, source, earlier, draw, isSelf, own } = facts;
  const targets = shared.map((column) => key.targetColumns[key.columns.indexOf(column)] ?? "");
  const wanted = (row: number): (string | null)[] =>
    shared.map((column) => linkedValue(earlier, column, row, own) ?? null);
  const read = isSelf ? own : (column: string, row: number) => source.value(column, row);
  const fits = (parent: number, values: readonly (string | null)[]) =>
    targets.every((target, n) => read(target, parent) === values[n]);
  if (isSelf) {
    const whole = earlier.find(
      (link) =>
        !link.isSelf &&
        shared.every((column, n) => column === targets[n] && link.key.columns.includes(column)),
    );
    // Rows with the same parent have the same values: comparing numbers is enough.
    if (whole) return pickSibling(facts, whole, canBeNull);
    return (row) => {
      const values = wanted(row);
      const tries = row === 0 ? 0 : 50;
      for (let salt = 0; salt < tries; salt += 1) {
        // Rows of one parent often stand next to each other.
        const parent =
          salt < 10
            ? row - 1 - draw.below(Math.min(row, 10), row, 0x200 + salt)
            : draw.below(row, row, 0x200 + salt);
        if (fits(parent, values)) return parent;
      }
      return canBeNull ? null : row;
    };
  }
  let known: Map<string, number[]> | undefined;
  const groups = (): Map<string, number[]> => {
    if (known) return known;
    known = new Map();
    for (let parent = 0; parent < source.count; parent += 1) {
      const name = JSON.stringify(targets.map((target) => read(target, parent)));
      const group = known.get(name);
      if (group) group.push(parent);
      else known.set(name, [parent]);
    }
    return known;
  };
  if (!canBeNull) {
    for (const link of earlier) {
      const places = shared.map((column) => link.key.columns.indexOf(column));
      if (places.includes(-1)) continue;
      link.accepts.push((parent) => {
        const named = places.map((place) =>
          link.source.value(link.key.targetColumns[place] ?? "", parent),
        );
        return groups().has(JSON.stringify(named));
      });
    }
  }
  return (row) => {
    const values = wanted(row);
    if (values.includes(null)) return canBeNull ? null : pick(row);
    const group = groups().get(JSON.stringify(values));
    if (group) return draw.pick(group, row, 0x300);
    if (canBeNull) return null;
    throw new Impossible(
      `${key.name} finds no parent with ${shared.join(", ")} = ${values.join(", ")}`,
    );
  };
}

/** An earlier row with the same parent in the other key; they often stand next to each other. */
function pickSibling({ draw }: LinkFacts, link: Link, canBeNull: boolean): Pick {
  return (row) => {
    const parent = link.pick(row);
    const tries = row === 0 ? 0 : 50;
    for (let salt = 0; salt < tries; salt += 1) {
      const other =
        salt < 10
          ? row - 1 - draw.below(Math.min(row, 10), row, 0x200 + salt)
          : draw.below(row, row, 0x200 + salt);
      if (parent !== null && link.choose(other) === parent) return other;
    }
    return canBeNull ? null : row;
  };
}

/** What the links say a column is; undefined where none of them fills it in this row. */
export function linkedValue(
  links: readonly Link[],
  column: string,
  row: number,
  own: (column: string, row: number) => string | null,
): string | null | undefined {
  for (const link of links) {
    const place = link.key.columns.indexOf(column);
    if (place < 0) continue;
    const parent = link.pick(row);
    if (parent === null) continue;
    const target = link.key.targetColumns[place] ?? "";
    if (!link.isSelf) return link.source.value(target, parent);
    // A row that refers to itself would ask for its own value here.
    if (parent === row && target === column) return undefined;
    return own(target, parent);
  }
  return undefined;
}

/** The name of a foreign key's draw. */
export function linkName(key: ForeignKey): string {
  return `->${key.columns.join(",")}`;
}
