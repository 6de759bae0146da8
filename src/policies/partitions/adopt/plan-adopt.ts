/**
 * `new --partition`: the migration by which a filled table becomes the first partition of a new
 * parent, without copying a row.
 */
import { ident } from "../../../db/identifier.ts";
import type { Session } from "../../../db/session.ts";
import { hasSqlState } from "../../../db/session.ts";
import { PgwrightError } from "../../../errors.ts";
import { planAdoption } from "./adoption.ts";
import { setAuditAside } from "./audited.ts";
import { planBounds } from "./bounds.ts";
import { writeDown } from "./down.ts";
import { writeFile } from "./file-text.ts";
import { readTable } from "./read-table.ts";
import { keyTypeOf, listRefusals } from "./refusals.ts";
import type { AdoptRequest } from "./request.ts";
import { writeUp } from "./up.ts";

export interface AdoptMigration {
  /** The file, both sections. */
  readonly text: string;
  /** What the file is about, for its name. */
  readonly description: string;
  readonly table: string;
  /** The filled partition. */
  readonly leaf: string;
  /** First value that it does not hold, and the last moment to apply the migration. */
  readonly end: string;
  readonly deadline: string;
  /** The empty partitions. */
  readonly leaves: readonly string[];
  /** What to write into policies/partitions.yaml, so that partitions go on being made. */
  readonly declaration: string;
}

/**
 * Reads the table and its rows' greatest key (one scan where no index helps) and writes the
 * migration; changes nothing. `directory` is that of policies/: what audit.yaml answers for is left
 * out.
 *
 * @throws PgwrightError `adopt-refused` with everything that keeps the table from it or could not
 *   follow, by name and with a way out; `sql-failed` where this role may not read the table.
 */
export async function planAdopt(
  session: Session,
  request: AdoptRequest,
  { now, directory }: { readonly now: Date; readonly directory: string },
): Promise<AdoptMigration> {
  const read = await readTable(session, request.table);
  if (!read) {
    throw new PgwrightError("adopt-refused", `there is no table \`${request.table}\``, {
      hint: "name it with its schema: --partition app.posts",
    });
  }
  if (!("around" in read)) {
    const what = read.kind === "p" ? "is partitioned already" : "is not a plain table";
    throw new PgwrightError("adopt-refused", `\`${request.table}\` ${what}`, {
      hint:
        read.kind === "p"
          ? "declare it in policies/partitions.yaml, and `pgwright partitions maintain` keeps it"
          : "only a plain table can become a partition of a new one",
    });
  }
  const found = { ...read, facts: await setAuditAside(read.facts, directory) };
  const majorVersion = Math.floor(session.server.versionNumber / 10_000);
  const { id } = found.around.relation;
  const refusals = listRefusals(found, request.column, majorVersion);
  const type = keyTypeOf(found.around, request.column);
  if (refusals.length > 0 || !type) {
    throw new PgwrightError("adopt-refused", `${id} cannot be partitioned as it is`, {
      notes: refusals.map(({ message, wayOut }) => `${message}\n    ${wayOut}`),
      hint: "nothing was written; change what is listed, then run the same command again",
    });
  }
  const bounds = planBounds({ ...request, type }, now);
  await refuseLaterRows(session, id, request.column, bounds);
  const adoption = planAdoption(found, request, bounds, majorVersion);
  return {
    text: writeFile(adoption, writeUp(adoption), writeDown(adoption)),
    description: `partition ${found.facts.name}`,
    table: id,
    leaf: adoption.leaf,
    end: bounds.endShown,
    deadline: bounds.deadline,
    leaves: adoption.newLeaves.map((leaf) => leaf.id),
    declaration: declare(request, id),
  };
}

/** Rows beyond the filled partition's end would have to be moved. */
async function refuseLaterRows(
  session: Session,
  table: string,
  column: string,
  bounds: { readonly end: string; readonly endShown: string },
): Promise<void> {
  const count = await countLater(session, table, `${ident(column)} >= ${bounds.end}`);
  if (count === 0) return;
  throw new PgwrightError(
    "adopt-refused",
    `${count.toLocaleString("en-US")} ${count === 1 ? "row" : "rows"} of ${table} lie at or after ${bounds.endShown}, where the filled partition would end`,
    {
      hint: `correct ${ident(column)} of the rows that SELECT * FROM ${table} WHERE ${ident(column)} >= ${bounds.end} shows, or move them into another table first`,
    },
  );
}

/** With row_security off: under FORCE an owner would see no row, in silence. */
async function countLater(session: Session, table: string, condition: string): Promise<number> {
  try {
    await session.script("begin read only; set local row_security = off");
    const { count } = await session.one<{ count: string }>(
      `select count(*)::text as count from ${table} where ${condition}`,
    );
    return Number(count);
  } catch (error) {
    if (!hasSqlState(error, "42501")) throw error;
    throw new PgwrightError(
      "sql-failed",
      `\`${session.server.role}\` may not look at every row of ${table}: ${error instanceof Error ? error.message : ""}`,
      {
        cause: error,
        sqlstate: "42501",
        hint: "write the migration as a superuser, or as a role with BYPASSRLS that may read the table",
      },
    );
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

function declare(request: AdoptRequest, table: string): string {
  const { amount, unit } = request.horizon;
  return [
    `${JSON.stringify(table)}:`,
    "  by: range",
    `  column: ${JSON.stringify(request.column)}`,
    `  every: ${request.every}`,
    ...(request.timeZone === "UTC" ? [] : [`  time_zone: ${request.timeZone}`]),
    `  horizon: ${amount}${unit}`,
    ...(request.hasDefault ? ["  default: true"] : []),
  ].join("\n");
}
