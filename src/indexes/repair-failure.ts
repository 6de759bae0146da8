/** What a failed attempt leaves behind, and why it failed, in words that help. */
import { formatCount } from "../db/amount.ts";
import { ident, splitName } from "../db/identifier.ts";
import { hasValue } from "../db/stored-value.ts";
import type { PostgresError } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import type { Migrator } from "../migrate/migrator.ts";
import readKeys from "./index-keys.sql";
import type { InvalidIndex } from "./invalid.ts";
import { readInvalid } from "./invalid.ts";
import { runConcurrent } from "./repair-run.ts";
import type { RepairStep } from "./repair-step.ts";

/**
 * Takes away what the attempt left, and says why it failed. Values of rows are never shown.
 *
 * @param before Oids of the indexes that were not valid when the attempt began.
 */
export async function explainFailure(
  migrator: Migrator,
  step: RepairStep,
  error: PostgresError,
  before: ReadonlySet<string>,
): Promise<Finding> {
  const basis = { rule: "indexes/not-repaired", severity: "error", object: step.index } as const;
  const what = `index ${step.index} on ${step.table} is not repaired`;
  const duplicates = error.code === "23505" ? await countDuplicates(migrator, step) : undefined;
  const left = await dropAttempt(migrator, step, before);
  const also = left === undefined ? "" : `; ${left}`;
  if (duplicates) {
    const { groups, rows, places, listing } = duplicates;
    const where = places.map((ctids) => ctids.join(" ")).join("; ");
    const more = (groups ?? 0) > places.length ? "; …" : "";
    return {
      ...basis,
      rule: "indexes/duplicate-keys",
      message: `${what}: it is unique, and ${groups === undefined ? "rows" : `${formatCount(rows)} rows`} of the table share ${groups === undefined ? "a key" : groups === 1 ? "one key" : `${formatCount(groups)} keys`}${where === "" ? "" : `, by ctid: ${where}${more}`}${also}`,
      hint: `see them with \`${listing}\`, remove all but one of each, and run \`pgwright indexes repair\` again`,
    };
  }
  const isDenied = error.code === "42501";
  return {
    ...basis,
    message: `${what}: ${error.message} (SQLSTATE ${error.code})${also}`,
    hint: isDenied
      ? `connect as the owner of ${step.table}, or as a member of that role`
      : "mend that, and run `pgwright indexes repair` again",
  };
}

// Enough to find the rows, and to see that there is more than one cause.
const [shownKeys, shownRows] = [3, 4];

interface Duplicates {
  /** Keys that more than one row has; undefined where they could not be counted. */
  readonly groups: number | undefined;
  /** Rows that have such a key. */
  readonly rows: number;
  /** Of the first keys: where the first of their rows are, as `(block,number)`. */
  readonly places: readonly (readonly string[])[];
  /** The statement that shows the rows. */
  readonly listing: string;
}

async function countDuplicates(
  { session, frame }: Migrator,
  { index, role }: RepairStep,
): Promise<Duplicates | undefined> {
  const [found] = await session.query<{
    table: string;
    keys: readonly { readonly sql: string; readonly isComposite: boolean }[];
    predicate: string | null;
    isNullsNotDistinct: boolean;
  }>(readKeys, [index]);
  if (!found) return undefined;
  const { table, keys, predicate, isNullsNotDistinct } = found;
  const conditions = [
    ...(predicate === null ? [] : [predicate]),
    ...(isNullsNotDistinct
      ? []
      : keys.map(({ sql, isComposite }) => (isComposite ? hasValue(sql) : `${sql} IS NOT NULL`))),
  ];
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  const list = keys.map(({ sql }) => sql).join(", ");
  const listing = `SELECT * FROM (SELECT ctid, t.*, count(*) OVER (PARTITION BY ${list}) AS "rows alike" FROM ${table} t${where}) d WHERE "rows alike" > 1 ORDER BY ${list};`;
  try {
    const become = role === null ? [] : [`set role ${ident(role)}`];
    await session.script([...frame.lone(false), ...become].join(";\n"));
    const { groups, rows, places } = await session.one<{
      groups: number;
      rows: number;
      places: readonly (readonly string[])[];
    }>(
      `with shared as (
         select count(*) as n, min(ctid) as first,
           (array_agg(ctid::text order by ctid))[1:${shownRows}] as places
         from ${table}${where} group by ${list} having count(*) > 1)
       select count(*)::float8 as groups, coalesce(sum(n), 0)::float8 as rows,
         to_json(array(select to_json(places) from shared order by first limit ${shownKeys})) as places
       from shared`,
    );
    // Removed meanwhile.
    return { groups: groups === 0 ? undefined : groups, rows, places, listing };
  } catch (error) {
    // The right to own an index does not include that to read the table.
    if (!isPostgresError(error)) throw error;
    return { groups: undefined, rows: 0, places: [], listing };
  } finally {
    if (!session.isDead) await session.settle(frame.loneEnd.join(";\n"));
  }
}

/** Drops the copy that a failed REINDEX, or the index that a failed CREATE, left; else says what stays. */
async function dropAttempt(
  migrator: Migrator,
  step: RepairStep,
  before: ReadonlySet<string>,
): Promise<string | undefined> {
  if (step.kind !== "concurrent" || step.sql[0].startsWith("DROP")) return undefined;
  const isNew = step.sql[0].startsWith("CREATE");
  const left = (await readInvalid(migrator.session)).filter(
    ({ oid, index, busyPid, ...row }) =>
      busyPid === null && (isNew ? index === step.index : !before.has(oid) && isCopyOf(row, step)),
  );
  for (const { index } of left) {
    try {
      await runConcurrent(
        migrator,
        { role: step.role, tablespace: null },
        `DROP INDEX CONCURRENTLY ${index}`,
      );
    } catch (error) {
      if (!isPostgresError(error)) throw error;
      return `the copy ${index} that the attempt left could not be dropped: ${error.message}`;
    }
  }
  return undefined;
}

/**
 * True for what a REINDEX of this run made: a new index of the same table under the name that
 * PostgreSQL gives its copy, the old one's, shortened to 63 bytes, with `_ccnew` and maybe a number.
 * That another index has the same definition (`twin`), or is named like a copy itself, plays no part.
 */
export function isCopyOf(
  { name, table }: Pick<InvalidIndex, "name" | "table">,
  step: RepairStep,
): boolean {
  const base = /^(.*)_ccnew\d*$/s.exec(name)?.[1];
  const original = splitName(step.index)?.at(-1);
  if (base === undefined || original === undefined || table !== step.table) return false;
  // Cut between characters, which have up to four bytes.
  return base === original || (Buffer.byteLength(name) >= 60 && original.startsWith(base));
}
