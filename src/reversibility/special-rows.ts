/** Rows that only the migration allows: those just written are changed until each kind is there. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import type { FillOptions } from "./fill.ts";

/** A kind of row that was refused before the migration. */
export interface Wish {
  /** "a value of app.t.id beyond integer". */
  readonly what: string;
  /** Why it cannot be had; the rest is not looked at then. */
  readonly impossible?: string;
  /** A query of one boolean, `there`: whether such rows are among those in `fresh`. */
  isThere(fresh: Fresh): string;
  /** UPDATE statements, each of which may make one. */
  changes(fresh: Fresh): readonly string[];
  /** Identity columns that are written to: `[table, column]` as SQL. */
  readonly always?: readonly (readonly [string, string])[];
}

/** A condition on a table called `t`: the row was written after the migration. */
export type Fresh = string;

/** What could not be tried of what the migration allows, and why. */
export interface NotTried {
  readonly what: string;
  readonly reason: string;
}

/**
 * A point in the history of the database; what is written later is fresh.
 *
 * @returns the condition. `age` counts transactions, so it is right beyond the 2^32nd as well.
 */
export async function markTime(session: Session): Promise<Fresh> {
  const { mark } = await session.one<{ mark: string }>(
    "select pg_current_xact_id()::xid::text as mark",
  );
  return `age(t.xmin) < age('${mark}'::xid)`;
}

/**
 * Changes fresh rows until there is one for each wish, in one transaction per try. What a try may need
 * (a row that others refer to) may come with a later wish, so there are rounds until nothing comes.
 *
 * @param fresh from `markTime`, before the rows were written.
 * @returns the wishes that the server refuses.
 */
export async function makeSpecialRows(
  session: Session,
  wishes: readonly Wish[],
  fresh: Fresh,
  options: Pick<FillOptions, "role" | "lockTimeoutMs">,
): Promise<NotTried[]> {
  let open = wishes.filter(({ impossible }) => impossible === undefined);
  const refused = new Map<Wish, string>();
  for (let before = open.length + 1; open.length < before;) {
    before = open.length;
    const left: Wish[] = [];
    for (const wish of open) {
      const reason = await makeOne(session, wish, fresh, options);
      if (reason === undefined) continue;
      refused.set(wish, reason);
      left.push(wish);
    }
    open = left;
  }
  return wishes.flatMap((wish) => {
    const reason = wish.impossible ?? (open.includes(wish) ? refused.get(wish) : undefined);
    return reason === undefined ? [] : [{ what: wish.what, reason }];
  });
}

/** Why there is no such row; undefined once there is. */
async function makeOne(
  session: Session,
  wish: Wish,
  fresh: Fresh,
  options: Pick<FillOptions, "role" | "lockTimeoutMs">,
): Promise<string | undefined> {
  const statements = wish.changes(fresh);
  let reason = "no row that was written after it can be changed so";
  const isThere = wish.isThere(fresh);
  for (const statement of [undefined, ...statements]) {
    await session.script(begin(options));
    let isKept = false;
    try {
      const always = statement === undefined ? [] : (wish.always ?? []);
      for (const one of always) await session.query(identity(one, "by default"));
      const changed = statement === undefined ? 1 : await session.execute(statement);
      for (const one of always) await session.query(identity(one, "always"));
      isKept = changed > 0 && (await session.one<{ there: boolean }>(isThere)).there;
      // Deferred constraints are checked here, so the end of it may fail like the rest.
      if (isKept) await session.query("commit");
    } catch (error) {
      if (!isPostgresError(error) || session.isDead) throw error;
      isKept = false;
      reason = error.message;
    } finally {
      if (!isKept && !session.isDead) await session.settle("rollback");
    }
    if (isKept) return undefined;
  }
  return reason;
}

function begin({ role, lockTimeoutMs }: Pick<FillOptions, "role" | "lockTimeoutMs">): string {
  return [
    "begin",
    ...(role === undefined ? [] : [`set local role ${ident(role)}`]),
    "set local row_security = off",
    `set local lock_timeout = ${lockTimeoutMs}`,
  ].join(";\n");
}

function identity([table, column]: readonly [string, string], how: string): string {
  return `alter table ${table} alter column ${column} set generated ${how}`;
}

/** How many of the rows just written are tried, one after the other, until one takes a change. */
export const rowsToTry = 10;

/** Changes one fresh row, the nth; rows that have been changed already come last. */
export function changeOne(
  table: string,
  assignments: string,
  fresh: Fresh,
  { nth, first }: { readonly nth: number; readonly first?: string },
): string {
  const order = first === undefined ? "" : `(${first}) desc nulls last, `;
  return `update ${table} t set ${assignments}
where (t.tableoid, t.ctid) = (
  select t.tableoid, t.ctid from ${table} t where ${fresh}
  order by ${order}t.tableoid, t.ctid limit 1 offset ${nth})`;
}
