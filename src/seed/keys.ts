/** How each unique key of a table is kept by construction, so that no row has to be looked up. */
import type { ForeignKey, Table, UniqueKey } from "./catalog.ts";
import { columnsIn } from "./expression.ts";
import type { Predicate } from "./predicate.ts";

export type KeyPlan =
  /** One column has a value of its own in every row. */
  | { readonly kind: "column"; readonly column: string }
  /** Every row takes another parent. */
  | { readonly kind: "link"; readonly foreignKey: string }
  /** A number within the parent's children, next to the parent. */
  | { readonly kind: "ordinal"; readonly column: string }
  /** The children of one parent differ in another foreign key, or in a choice. */
  | { readonly kind: "within"; readonly part: Part; readonly isUnordered: boolean }
  /** The rows go through the combinations of a few values and parents. */
  | {
      readonly kind: "combination";
      readonly parts: readonly Part[];
      /** (a, b) and (b, a) are the same: its index is one of least(a, b), greatest(a, b). */
      readonly isUnordered: boolean;
    }
  /** Rows are compared as they are made, and drawn again. */
  | {
      readonly kind: "watched";
      readonly columns: readonly string[];
      /** Only these rows are compared. */
      readonly when?: Predicate | undefined;
      /** The index's own words for them. */
      readonly predicate?: string | null;
    };

export type Part =
  | { readonly kind: "link"; readonly foreignKey: string }
  | { readonly kind: "choice"; readonly column: string };

/** What is known of a table's columns before any is made. */
export interface KeyFacts {
  /** The foreign key that rows are made along. */
  readonly driver: ForeignKey | undefined;
  /** Types that hold as many values as there are rows. */
  isFree(column: string): boolean;
  /** Rows are added to others: what they take of a key may be anything. */
  readonly isGrowing: boolean;
  /** Rows come only to parents that had none, so nothing that is there is next to them. */
  readonly isApart: boolean;
  /** Whole numbers. */
  isOrdinal(column: string): boolean;
  /** No two parents of this key have the same values in these of its columns. */
  tellsParents(key: ForeignKey, columns: readonly string[]): boolean;
  /** As many values as anybody can ask for, so that a value for each row costs nothing. */
  isEndless(column: string): boolean;
  /** Which rows a partial index is about; undefined for all, and where only the server knows. */
  predicateOf(unique: UniqueKey): Predicate | undefined;
  /** The column has a known, small list of values. */
  isChoice(column: string): boolean;
}

/** A plan for each unique key, in the order of the list; keys that another one implies have none. */
export function planKeys(all: Table, facts: KeyFacts): KeyPlan[] {
  const table = withoutGenerated(all);
  const plans: KeyPlan[] = [];
  const unique = new Set<string>();
  const uniqueLinks = new Set<string>();
  /** Columns whose values are decided by a plan and can serve no other one. */
  const taken = new Set<string>();
  const linkOf = (column: string) =>
    table.foreignKeys.filter(({ columns }) => columns.includes(column));
  const wholeLink = (columns: readonly string[]) =>
    table.foreignKeys.find(
      (key) =>
        key !== facts.driver &&
        key.columns.length === columns.length &&
        key.columns.every((column) => columns.includes(column)),
    );
  const wanted = [
    ...table.uniques.map((key) => ({
      ...key,
      when: facts.predicateOf(key),
      isUnordered: /\b(LEAST|GREATEST)\(/.test(key.expressions ?? ""),
    })),
    ...exclusionsOfEquals(table).map((key) => ({ ...key, isUnordered: false })),
  ].toSorted(
    (one, other) =>
      Number(one.when !== undefined) - Number(other.when !== undefined) ||
      // A key that is a whole reference can be kept in one way only.
      Number(wholeLink(one.columns) === undefined) -
        Number(wholeLink(other.columns) === undefined) ||
      one.columns.length - other.columns.length ||
      // What keeps pairs apart in either order keeps them apart in one.
      Number(other.isUnordered) - Number(one.isUnordered),
  );
  for (const { columns, when, predicate, isUnordered } of wanted) {
    if (columns.some((column) => unique.has(column))) continue;
    if (
      table.foreignKeys.some(
        (key) => uniqueLinks.has(key.name) && key.columns.every((one) => columns.includes(one)),
      )
    ) {
      continue;
    }
    if (when && !columns.some((column) => linkOf(column).length === 0 && facts.isEndless(column))) {
      plans.push({ kind: "watched", columns, when, predicate });
      continue;
    }
    const [only] = columns;
    if (columns.length === 1 && only !== undefined && linkOf(only).length === 0) {
      unique.add(only);
      plans.push({ kind: "column", column: only });
      continue;
    }
    const whole = wholeLink(columns);
    if (whole?.columns.some((column) => taken.has(column))) {
      plans.push({ kind: "watched", columns });
      continue;
    }
    if (whole) {
      uniqueLinks.add(whole.name);
      for (const column of whole.columns) taken.add(column);
      plans.push({ kind: "link", foreignKey: whole.name });
      continue;
    }
    const plan = planComposite(table, { columns, isUnordered }, facts, linkOf, taken);
    if (plan.kind === "column") unique.add(plan.column);
    plans.push(plan);
  }
  return plans;
}

function planComposite(
  table: Table,
  { columns, isUnordered }: { columns: readonly string[]; isUnordered: boolean },
  facts: KeyFacts,
  linkOf: (column: string) => ForeignKey[],
  taken: Set<string>,
): KeyPlan {
  const { driver } = facts;
  const own = columns.filter((column) => linkOf(column).length === 0 && !taken.has(column));
  const isDriven = driver?.columns.some((column) => columns.includes(column)) === true;
  const ordinal = own.find((column) => facts.isOrdinal(column));
  const isSafe = !facts.isGrowing || facts.isApart;
  if (isDriven && ordinal !== undefined && isSafe) {
    taken.add(ordinal);
    return { kind: "ordinal", column: ordinal };
  }
  const free = own.find((column) => facts.isFree(column));
  if (free !== undefined) return { kind: "column", column: free };
  const parts = partsOf(table, columns, facts, linkOf, taken);
  if (parts === undefined) return { kind: "watched", columns };
  const others = parts.filter((part) => part.kind === "choice" || part.foreignKey !== driver?.name);
  if (isDriven) {
    const [part] = others;
    if (others.length !== 1 || part === undefined || !isSafe) return { kind: "watched", columns };
    take(part, table, taken);
    return { kind: "within", part, isUnordered };
  }
  if (driver !== undefined || facts.isGrowing) return { kind: "watched", columns };
  for (const part of parts) take(part, table, taken);
  return { kind: "combination", parts, isUnordered };
}

function take(part: Part, table: Table, taken: Set<string>): void {
  if (part.kind === "choice") taken.add(part.column);
  else {
    const key = table.foreignKeys.find(({ name }) => name === part.foreignKey);
    for (const column of key?.columns ?? []) taken.add(column);
  }
}

/** The columns as foreign keys and choices; undefined where they overlap with others or are neither. */
function partsOf(
  table: Table,
  columns: readonly string[],
  facts: KeyFacts,
  linkOf: (column: string) => ForeignKey[],
  taken: ReadonlySet<string>,
): Part[] | undefined {
  const parts = new Map<string, Part>();
  for (const column of columns) {
    if (taken.has(column)) return undefined;
    const links = linkOf(column);
    const [link] = links;
    if (links.length > 1) return undefined;
    if (link) {
      const isWhole = link.columns.every((one) => linkOf(one).length === 1);
      if (!isWhole || link.target === table.oid) return undefined;
      const named = link.columns.filter((one) => columns.includes(one));
      if (!facts.tellsParents(link, named)) return undefined;
      parts.set(`link ${link.name}`, { kind: "link", foreignKey: link.name });
    } else if (facts.isChoice(column)) {
      parts.set(`choice ${column}`, { kind: "choice", column });
    } else return undefined;
  }
  return [...parts.values()];
}

/** An exclusion constraint of nothing but `=` is a unique key. */
export function exclusionsOfEquals(
  table: Table,
): { columns: readonly string[]; when?: undefined; predicate?: undefined }[] {
  return table.exclusions.flatMap(({ columns, operators }) =>
    columns !== null && operators.every((operator) => operator === "=") ? [{ columns }] : [],
  );
}

/** A key of a generated column is one of the columns that it is generated from. */
export function withoutGenerated(table: Table): Table {
  const origins = new Map(
    table.columns.map(({ name, isGenerated, default: expression }) => [
      name,
      isGenerated ? columnsIn(expression ?? "") : [name],
    ]),
  );
  return {
    ...table,
    uniques: table.uniques.map((unique) => ({
      ...unique,
      columns: [...new Set(unique.columns.flatMap((name) => origins.get(name) ?? []))],
    })),
  };
}
