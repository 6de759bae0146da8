/** One column: a reference, what a unique key decides, what is asked for, or what its name suggests. */
import type { Column } from "./catalog.ts";
import { makeSpec } from "./generators/spec.ts";
import { showTime } from "./generators/time.ts";
import { makeValue } from "./generators/value.ts";
import { decide as decideKey } from "./decide.ts";
import { countChildren } from "./counter.ts";
import { makeUpdated } from "./kept-by-triggers.ts";
import { withOneNull } from "./one-null.ts";
import { plainName } from "./plain-name.ts";
import type { TableRows } from "./rows.ts";
import { Impossible, type Made, type Scope } from "./scope.ts";

const rarelySet =
  /^(deleted|archived|cancell?ed|banned|blocked|suspended|revoked|closed|rejected|left)(_(at|on|date|by))?$/;

/**
 * Undefined leaves the column to its default. Where rows are there already, numbers go on after
 * theirs, so that what must differ differs from what the same seed made before.
 */
export function makeColumn(rows: TableRows, column: Column): Made | undefined {
  const made = makeFirst(rows, column);
  return made && rows.world.request.showsNulls === true ? withOneNull(rows, column, made) : made;
}

function makeFirst(rows: TableRows, column: Column): Made | undefined {
  const isLinked = rows.links.some(({ key }) => key.columns.includes(column.name));
  if (isLinked && !rows.request?.columns[column.name]?.spec) {
    return makeLinked(rows, column, scopeOf(rows, column));
  }
  const made = makeOwn(rows, column);
  return made && rows.first > 0 ? shift(made, rows.first) : made;
}

/** The same values, asked for by numbers that are less by `by`. */
function shift(made: Made, by: number): Made {
  const { text, number } = made;
  return {
    ...made,
    text: (row) => text(row + by),
    number: number && ((row) => number(row + by)),
  };
}

function makeOwn(rows: TableRows, column: Column): Made | undefined {
  const { name } = column;
  const asked = rows.request?.columns[name];
  const scope = scopeOf(rows, column);
  const own = asked?.spec ? makeSpec(scope, asked.spec, rows) : undefined;
  if (own) return withNulls(rows, column, own, asked?.nullShare ?? 0);
  const decided = decide(rows, column);
  if (decided) return decided;
  const counted = countChildren(rows, column);
  if (counted) return counted;
  const updated = makeUpdated(rows.world.catalog, rows.table, column, {
    isNumber: scope.type.category === "N",
    isNullable: rows.isNullable(name),
  });
  if (updated !== undefined) return updated ?? undefined;
  let made: Made;
  try {
    made = makeValue(scope);
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    if (column.default !== null) return undefined;
    if (rows.isNullable(name)) return { text: () => null, how: "NULL" };
    throw error;
  }
  return withNulls(rows, column, made, asked?.nullShare ?? usualNulls(rows, column, scope));
}

export function scopeOf(rows: TableRows, column: Column): Scope {
  const { world, table } = rows;
  const type = world.catalog.types.get(column.type);
  if (!type) throw new Impossible(`its type ${column.typeName} could not be read`);
  const draw = rows.draw(column.name);
  const isUnique = rows.keys.some((plan) => plan.kind === "column" && plan.column === column.name);
  return {
    tableName: table.name.toLowerCase(),
    column,
    plainName: plainName(column.name),
    type,
    modifier: column.modifier,
    draw,
    person: rows.draw("(person)"),
    rule: {
      ...(column.isIdentity || column.sequence !== null ? { min: 1 } : {}),
      ...rows.rules.get(column.name),
    },
    isUnique: isUnique || column.isIdentity || column.sequence !== null,
    isDisjoint: table.exclusions.some(
      ({ columns, operators }) =>
        operators.some((operator) => operator !== "=") &&
        (columns === null || columns.length < operators.length || columns.includes(column.name)),
    ),
    // Adding the number of all rows keeps every two of them apart.
    serial: (row) => row + draw.attempt(row) * (rows.first + rows.count),
    words: world.words,
    now: world.request.asOf,
    born: (row) => rows.born(row - rows.first),
    sibling: (name) => {
      const made = rows.column(name);
      return made && rows.first > 0 ? shift(made, -rows.first) : made;
    },
    siblingNames: table.columns.map(({ name }) => name),
    types: world.catalog.types,
  };
}

function makeLinked(rows: TableRows, column: Column, scope: Scope): Made {
  const { name } = column;
  const link = rows.links.find(({ key }) => key.columns.includes(name));
  // What the row has where it refers to nothing: NULL, or, for a column that cannot be, a value.
  const otherwise = rows.isNullable(name) ? undefined : makeValue(scope);
  const text = (row: number) => {
    const linked = rows.linked(name, row);
    return linked === undefined ? (otherwise?.text(row) ?? null) : linked;
  };
  return {
    text,
    how: `refers to ${rows.world.catalog.tables.find(({ oid }) => oid === link?.key.target)?.name ?? "rows"}, ${link?.how ?? ""}`,
  };
}

function decide(rows: TableRows, column: Column): Made | undefined {
  const { name } = column;
  const choice = decideKey(rows, { choice: name });
  const choices = rows.choices(name);
  if (choice && choices) {
    const text = (row: number) => choices[choice(row - rows.first)] ?? null;
    const isNumber = choices.every((one) => /^-?\d+(\.\d+)?$/.test(one));
    return {
      text,
      number: isNumber ? (row) => Number(text(row)) : undefined,
      how: "each combination once",
    };
  }
  const { family } = rows;
  const isOrdinal = rows.keys.some((plan) => plan.kind === "ordinal" && plan.column === name);
  if (!isOrdinal || !family) return undefined;
  if (column.typeName === "date") {
    const day = 86_400;
    const time = (row: number) =>
      (Math.floor(rows.world.request.asOf / day) - family.place(row - rows.first)) * day;
    return { text: (row) => showTime(time(row), "date"), number: time, how: "day by day back" };
  }
  const from = Math.max(1, rows.rules.get(name)?.min ?? 1);
  const number = (row: number) => from + family.place(row - rows.first);
  return { text: (row) => String(number(row)), number, how: `from ${from} within its parent` };
}

function usualNulls(rows: TableRows, column: Column, scope: Scope): number {
  if (scope.rule.isNull) return 1;
  if (!rows.isNullable(column.name) || scope.isUnique) return 0;
  if (rows.keys.some((plan) => plan.kind === "watched" && plan.columns.includes(column.name)))
    return 0;
  if (rarelySet.test(scope.plainName)) return 0.95;
  return column.default === null ? 0.1 : 0;
}

function withNulls(rows: TableRows, column: Column, made: Made, share: number): Made {
  if (share === 0) return made;
  if (share >= 1) return { text: () => null, number: () => null, how: "NULL" };
  const draw = rows.draw(`${column.name} (null)`);
  const { number } = made;
  const isNull = (row: number) => draw.unit(row) < share;
  return {
    ...made,
    text: (row) => (isNull(row) ? null : made.text(row)),
    number: number && ((row) => (isNull(row) ? null : number(row))),
    how: `${made.how}, ${Math.round(share * 100)} % NULL`,
  };
}
