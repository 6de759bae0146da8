/** Which rows the default partition of a table holds. */
import type { Session } from "../../db/session.ts";
import type { MissingLeaf } from "./leaf.ts";
import type { LeafState } from "./state.ts";

/** Counting stops here: a default partition that holds so many is not counted faster than it is drained. */
export const mostCounted = 100_000;

export interface DefaultRows {
  /** At most `mostCounted` + 1; null where this role may not look. */
  readonly count: number | null;
  /** Missing partitions that the default partition holds rows of. */
  readonly blocking: ReadonlySet<MissingLeaf>;
}

/** Counts the rows, and finds the missing partitions whose rows are in the default partition. */
export async function readDefaultRows(
  session: Session,
  fallback: LeafState | undefined,
  missing: readonly MissingLeaf[],
): Promise<DefaultRows> {
  const none = { count: 0, blocking: new Set<MissingLeaf>() };
  if (!fallback || (fallback.kind === "r" && fallback.heapBytes === 0)) return none;
  if (!fallback.isReadable || fallback.hidesRows) return { ...none, count: null };
  const from = fromDefault(fallback);
  const { count } = await session.one<{ count: number }>(
    `select count(*)::int as count from (select from ${from} limit ${mostCounted + 1}) as found`,
  );
  const asked = missing.filter(({ belongs }) => belongs !== null);
  if (count === 0 || asked.length === 0) return { ...none, count };
  // One look at all of them first: without an index each further one reads the whole table.
  const all = asked.map(({ belongs }) => `(${belongs})`).join(" or ");
  const { any } = await session.one<{ any: boolean }>(
    `select exists (select from ${from} where ${all}) as any`,
  );
  if (!any) return { ...none, count };
  const rows = await session.query<{ i: number }>(
    asked
      .map(
        ({ belongs }, i) => `select ${i} as i where exists (select from ${from} where ${belongs})`,
      )
      .join("\nunion all\n"),
  );
  const blocking = new Set(rows.flatMap(({ i }) => asked[i] ?? []));
  return { count, blocking };
}

/** "only s.t_default": its own rows, where it is not partitioned itself. */
export function fromDefault({ sql, kind }: LeafState): string {
  return kind === "p" ? sql : `only ${sql}`;
}

/** "3 rows", "more than 100,000 rows". */
export function describeRows(count: number): string {
  const amount = Math.min(count, mostCounted).toLocaleString("en-US");
  return `${count > mostCounted ? "more than " : ""}${amount} ${count === 1 ? "row" : "rows"}`;
}
