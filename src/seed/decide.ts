/** What unique keys decide: how many rows there can be, and which combination each row takes. */
import { permute } from "./hash.ts";
import { pairsOf } from "./pairs.ts";
import type { KeyPlan, Part } from "./keys.ts";
import type { Family } from "./per-parent.ts";
import type { TableRows } from "./rows.ts";
import { Impossible, TooMany } from "./scope.ts";

/** How many rows the unique keys allow, and which of them is the narrowest. */
export function capacityOf(rows: TableRows): { most: number; why: string } {
  let [most, why] = [Infinity, ""];
  const lower = (count: number, reason: string) => {
    if (count < most) [most, why] = [count, reason];
  };
  for (const plan of rows.keys) {
    if (plan.kind === "link") {
      const most = isInCircle(rows, plan.foreignKey)
        ? mostParents(rows, plan.foreignKey)
        : freeOf(rows, plan.foreignKey).length;
      lower(rows.first + most, plan.foreignKey);
    }
    if (plan.kind === "combination") {
      const parts = plan.parts.map((part) =>
        part.kind === "link" ? part.foreignKey : part.column,
      );
      const isCircular = plan.parts.some(
        (part) => isLink(part) && isInCircle(rows, part.foreignKey),
      );
      const total = isCircular ? mostCombinations(rows, plan) : totalOf(rows, plan);
      lower(total, `the combinations of ${parts.join(" and ")}`);
    }
    if (plan.kind === "column") {
      lower(capacityOfColumn(rows, plan.column), `unique ${plan.column}`);
    }
  }
  return { most, why };
}

function capacityOfColumn(rows: TableRows, column: string): number {
  return Math.min(
    rows.choices(column)?.length ?? Infinity,
    rows.column(column)?.capacity ?? Infinity,
  );
}

/**
 * How many parents there can be at most, in a circle of tables that would ask for each other's
 * numbers without end: each table on the way counts once.
 */
function mostParents(rows: TableRows, foreignKey: string, seen: readonly TableRows[] = []): number {
  const key = rows.table.foreignKeys.find(({ name }) => name === foreignKey);
  const parents = rows.world.rows(key?.target ?? "");
  if (!parents) return parentsOf(rows, foreignKey);
  if (parents === rows || seen.includes(parents)) return Infinity;
  const before = parents.world.source(parents.table.oid)?.stored ?? 0;
  let most = parents.asked;
  for (const plan of parents.keys) {
    if (plan.kind === "link") {
      most = Math.min(most, mostParents(parents, plan.foreignKey, [...seen, rows]));
    }
    if (plan.kind === "combination") {
      most = Math.min(most, mostCombinations(parents, plan, [...seen, rows]));
    }
    if (plan.kind === "column") {
      most = Math.min(most, capacityOfColumn(parents, plan.column));
    }
  }
  return before + most;
}

function mostCombinations(
  rows: TableRows,
  plan: KeyPlan & { kind: "combination" },
  seen: readonly TableRows[] = [],
): number {
  const sizes = plan.parts.map((part) =>
    part.kind === "link"
      ? mostParents(rows, part.foreignKey, seen)
      : (rows.choices(part.column)?.length ?? 0),
  );
  const pairs = pairsOf(rows, plan);
  return pairs ? pairs.count(sizes[0] ?? 0) : sizes.reduce((one, other) => one * other, 1);
}

/** How many children of one parent the unique keys allow. */
export function mostChildren(rows: TableRows): number {
  const sizes = rows.keys.flatMap((plan) =>
    plan.kind === "within" ? [mostWithin(rows, plan)] : [],
  );
  return Math.min(Infinity, ...sizes);
}

/** @throws Impossible when a unique key allows fewer children than some parent gets, or fewer rows. */
export function refuseTooMany(rows: TableRows, family: Family, per: string): void {
  const children = mostChildren(rows);
  if (family.most > children) {
    throw new TooMany(
      rows.name,
      `up to ${family.most} rows per ${per} are asked for, and a unique key allows ${children}`,
    );
  }
  const { most, why } = capacityOf(rows);
  if (family.count <= most) return;
  throw new TooMany(rows.name, `${family.count} rows are asked for, and ${why} allows ${most}`);
}

export interface Wanted {
  readonly link?: string;
  readonly choice?: string;
}

/** The place of a row's parent, or of its choice in the list; undefined where no key decides it. */
export function decide(rows: TableRows, wanted: Wanted): ((row: number) => number) | undefined {
  const { family, driver } = rows;
  if (wanted.link !== undefined && driver?.name === wanted.link && family) return family.parent;
  for (const plan of rows.keys) {
    if (plan.kind === "link" && plan.foreignKey === wanted.link) {
      if (isSelf(rows, plan.foreignKey)) return undefined;
      const free = freeOf(rows, plan.foreignKey);
      const { key } = rows.draw(plan.foreignKey);
      return (row) => {
        if (row < free.length) return free.at(permute(row, free.length, key));
        throw new Impossible(
          `${plan.foreignKey} allows no more rows than its parent has: ${free.length}`,
        );
      };
    }
    if (plan.kind === "within" && isPart(plan.part, wanted) && family) {
      return decideWithin(rows, plan, family);
    }
    if (plan.kind === "combination") {
      const at = plan.parts.findIndex((part) => isPart(part, wanted));
      if (at >= 0) return decideCombination(rows, plan, at);
    }
  }
  return undefined;
}

/** The children of one parent go through a shuffled list of their own. */
function decideWithin(
  rows: TableRows,
  plan: KeyPlan & { kind: "within" },
  family: Family,
): (row: number) => number {
  const differs = mustDiffer(rows, plan);
  const size = mostWithin(rows, plan);
  const fitting = fittingOf(rows, plan, plan.part);
  const { key } = rows.draw("(within)");
  return (row) => {
    const parent = family.parent(row);
    const own = [key[0] ^ parent, key[1], key[2], Math.imul(parent + 1, 0x9e3779b1)] as const;
    const place = permute(family.place(row), size, own);
    // In a circle, only one of two parents has the other within the next half.
    if (isAround(rows, plan)) return (parent + 1 + place) % sizeOf(rows, plan.part);
    if (differs && place >= parent) return place + 1;
    return fitting?.[place] ?? place;
  };
}

/** How many children of one parent differ in this part. */
function mostWithin(rows: TableRows, plan: KeyPlan & { kind: "within" }): number {
  const size = fittingOf(rows, plan, plan.part)?.length ?? sizeOf(rows, plan.part);
  if (isAround(rows, plan)) return Math.max(0, Math.floor((size - 1) / 2));
  return size - (mustDiffer(rows, plan) ? 1 : 0);
}

/** (a, b) and (b, a) are the same pair of one table. */
function isAround({ table, driver }: TableRows, plan: KeyPlan & { kind: "within" }): boolean {
  const { part, isUnordered } = plan;
  const key =
    isUnordered && isLink(part) && table.foreignKeys.find(({ name }) => name === part.foreignKey);
  return key !== false && key?.target === driver?.target;
}

/** A shuffled number, read as digits of a mixed radix: no combination comes twice. */
function decideCombination(
  rows: TableRows,
  plan: KeyPlan & { kind: "combination" },
  at: number,
): (row: number) => number {
  const sizes = sizesOf(rows, plan);
  const total = totalOf(rows, plan);
  const differs = mustDiffer(rows, plan);
  const { key } = rows.draw("(combination)");
  const pairs = pairsOf(rows, plan);
  const part = plan.parts[at];
  const fitting = part && fittingOf(rows, plan, part);
  if (pairs) {
    return (row) => {
      if (row >= total) throw new Impossible(`a unique key allows no more than ${total} rows`);
      const [lesser, greater] = pairs.at(permute(row, total, key));
      return (at === 0) === pairs.isTurned ? greater : lesser;
    };
  }
  return (row) => {
    if (row >= total) {
      throw new Impossible(`a unique key allows no more than ${total} rows`);
    }
    let rest = permute(row, total, key);
    const digits = sizes.map((size) => {
      const digit = rest % size;
      rest = Math.floor(rest / size);
      return digit;
    });
    const [one = 0, other = 0] = digits;
    if (differs && at === 1 && other >= one) return other + 1;
    return fitting?.[digits[at] ?? 0] ?? digits[at] ?? 0;
  };
}

function totalOf(rows: TableRows, plan: KeyPlan & { kind: "combination" }): number {
  const pairs = pairsOf(rows, plan);
  const [part] = plan.parts;
  return pairs && part
    ? pairs.count(sizeOf(rows, part))
    : sizesOf(rows, plan).reduce((one, other) => one * other, 1);
}

/** Parents that checks leave for a part; undefined for all, and for pairs of one table, which go by numbers. */
function fittingOf(rows: TableRows, plan: KeyPlan, part: Part): Uint32Array | undefined {
  if (!isLink(part) || mustDiffer(rows, plan)) return undefined;
  if (plan.kind === "combination" && pairsOf(rows, plan)) return undefined;
  if (plan.kind === "within" && isAround(rows, plan)) return undefined;
  const key = rows.table.foreignKeys.find(({ name }) => name === part.foreignKey);
  return key && rows.fittingParents(key);
}

/** How many values each part has; the second of two that must differ has one less. */
function sizesOf(rows: TableRows, plan: KeyPlan & { kind: "combination" }): number[] {
  const sizes = plan.parts.map((part) => fittingOf(rows, plan, part)?.length ?? sizeOf(rows, part));
  if (mustDiffer(rows, plan)) sizes[1] = Math.max(0, (sizes[1] ?? 1) - 1);
  return sizes;
}

function sizeOf(rows: TableRows, part: Part): number {
  return part.kind === "link"
    ? parentsOf(rows, part.foreignKey)
    : (rows.choices(part.column)?.length ?? 0);
}

function parentsOf(rows: TableRows, foreignKey: string): number {
  const key = rows.table.foreignKeys.find(({ name }) => name === foreignKey);
  return rows.world.source(key?.target ?? "")?.count ?? 0;
}

/** Parents that may still be referred to once. */
function freeOf(
  rows: TableRows,
  foreignKey: string,
): { length: number; at(place: number): number } {
  const key = rows.table.foreignKeys.find(({ name }) => name === foreignKey);
  const free = key && rows.freeParents(key);
  return free
    ? { length: free.length, at: (place) => free[place] ?? 0 }
    : { length: parentsOf(rows, foreignKey), at: (place) => place };
}

function isSelf({ table }: TableRows, foreignKey: string): boolean {
  return table.foreignKeys.some(({ name, target }) => name === foreignKey && target === table.oid);
}

function isInCircle({ table, world }: TableRows, foreignKey: string): boolean {
  const key = table.foreignKeys.find(({ name }) => name === foreignKey);
  return key !== undefined && world.isTogether(table.oid, key.target);
}

/** Two references of the plan go to one table, and a CHECK wants them different. */
function mustDiffer({ table, driver, rules }: TableRows, plan: KeyPlan): boolean {
  const keys =
    plan.kind === "combination" && plan.parts.length === 2
      ? plan.parts.map((part) => (part.kind === "link" ? part.foreignKey : ""))
      : plan.kind === "within" && plan.part.kind === "link"
        ? [driver?.name ?? "", plan.part.foreignKey]
        : [];
  const [one, other] = keys.map((key) => table.foreignKeys.find(({ name }) => name === key));
  if (!one || !other || one.target !== other.target) return false;
  return one.columns.some((column) =>
    rules.get(column)?.distinctFrom?.some((distinct) => other.columns.includes(distinct)),
  );
}

function isLink(part: Part): part is Part & { kind: "link" } {
  return part.kind === "link";
}

function isPart(part: Part, wanted: Wanted): boolean {
  return part.kind === "link" ? part.foreignKey === wanted.link : part.column === wanted.choice;
}
