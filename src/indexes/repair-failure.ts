/** What a failed attempt leaves behind, and why it failed, in words that help. */
import { formatCount } from "../db/amount.ts";
import { ident } from "../db/identifier.ts";
import type { PostgresError } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import type { Migrator } from "../migrate/migrator.ts";
import readKeys from "./index-keys.sql";
import { readInvalid } from "./invalid.ts";
import { runConcurrent } from "./repair-run.ts";
import type { RepairStep } from "./repair-step.ts";

/** Takes away what the attempt left, and says why it failed. Values of rows are never shown. */
export async function explainFailure(
  migrator: Migrator,
  step: RepairStep,
  error: PostgresError,
): Promise<Finding> {
  const basis = { rule: "indexes/not-repaired", severity: "error", object: step.index } as const;
  const what = `index ${step.index} on ${step.table} is not repaired`;
  const duplicates = error.code === "23505" ? await countDuplicates(migrator, step) : undefined;
  const left = await dropAttempt(migrator, step);
  const also = left === undefined ? "" : `; ${left}`;
  if (duplicates) {
    const { groups, rows, listing } = duplicates;
    return {
      ...basis,
      rule: "indexes/duplicate-keys",
      message: `${what}: it is unique, and ${groups === undefined ? "rows" : `${formatCount(rows)} rows`} of the table share ${groups === undefined ? "a key" : groups === 1 ? "one key" : `${formatCount(groups)} keys`}${also}`,
      hint: `list them with \`${listing}\`, remove all but one of each, and run \`pgwright indexes repair\` again`,
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

interface Duplicates {
  /** Keys that more than one row has; undefined where they could not be counted. */
  readonly groups: number | undefined;
  /** Rows that have such a key. */
  readonly rows: number;
  /** The statement that lists them. */
  readonly listing: string;
}

async function countDuplicates(
  { session, frame }: Migrator,
  { index, role }: RepairStep,
): Promise<Duplicates | undefined> {
  const [found] = await session.query<{
    table: string;
    keys: readonly string[];
    predicate: string | null;
    isNullsNotDistinct: boolean;
  }>(readKeys, [index]);
  if (!found) return undefined;
  const { table, keys, predicate, isNullsNotDistinct } = found;
  const conditions = [
    ...(predicate === null ? [] : [predicate]),
    ...(isNullsNotDistinct ? [] : keys.map((key) => `${key} IS NOT NULL`)),
  ];
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  const list = keys.join(", ");
  const numbers = keys.map((_, i) => i + 1).join(", ");
  const listing = `SELECT ${list}, count(*) FROM ${table}${where} GROUP BY ${numbers} HAVING count(*) > 1;`;
  try {
    const become = role === null ? [] : [`set role ${ident(role)}`];
    await session.script([...frame.lone(false), ...become].join(";\n"));
    const { groups, rows } = await session.one<{ groups: number; rows: number }>(
      `select count(*)::float8 as groups, coalesce(sum(n), 0)::float8 as rows
       from (select count(*) as n from ${table}${where} group by ${list} having count(*) > 1) shared`,
    );
    // Removed meanwhile, or alike only under the index's collation.
    return { groups: groups === 0 ? undefined : groups, rows, listing };
  } catch (error) {
    // The right to own an index does not include that to read the table.
    if (!isPostgresError(error)) throw error;
    return { groups: undefined, rows: 0, listing };
  } finally {
    if (!session.isDead) await session.settle(frame.loneEnd.join(";\n"));
  }
}

/** Drops the copy that a failed REINDEX, or the index that a failed CREATE, left; else says what stays. */
async function dropAttempt(migrator: Migrator, step: RepairStep): Promise<string | undefined> {
  if (step.kind !== "concurrent" || step.sql[0].startsWith("DROP")) return undefined;
  const isNew = step.sql[0].startsWith("CREATE");
  const left = (await readInvalid(migrator.session)).filter(
    ({ index, twin, isLeftover, busyPid }) =>
      busyPid === null && (isNew ? index === step.index : isLeftover && twin === step.index),
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
