/** Kept data from outside: the place they stand in, what is there, and what became of them. */
import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { hasSqlState, isPostgresError } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { SectionFailed } from "../run-section.ts";
import createKept from "./create-kept.sql";
import findPlace from "./kept-place.sql";
import listKept from "./list-kept.sql";
import type { Kept } from "./shape.ts";
import { keptColumn, keptState, keptTable } from "./shape.ts";

interface Place {
  readonly hasSchema: boolean;
  readonly hasTable: boolean;
  readonly mayDelete: boolean;
}

async function readPlace(session: Session, role?: string): Promise<Place> {
  return session.one<Place>(findPlace, [role ?? null]);
}

/** SQL that makes the list of kept data, for `role`; nothing where it is there. */
export async function keepPlaceSql(session: Session, role: string | undefined): Promise<string[]> {
  const { hasSchema, hasTable, mayDelete } = await readPlace(session, role);
  const grants =
    role === undefined
      ? []
      : [
          `grant usage, create on schema pgwright to ${ident(role)}`,
          `grant select, insert, update, delete on pgwright.kept_data to ${ident(role)}`,
        ];
  return [
    ...(hasSchema ? [] : ["create schema pgwright"]),
    ...(hasTable ? [] : [createKept.trim()]),
    // Versions that kept no positions did without DELETE.
    ...(hasTable && mayDelete ? [] : grants),
  ];
}

/**
 * Makes that place. It is made before the rollback begins, by the connected role, and stays.
 *
 * @throws PgwrightError `keep-failed` when this role may not.
 */
export async function makeKeepPlace(session: Session, role: string | undefined): Promise<void> {
  const sql = await keepPlaceSql(session, role);
  if (sql.length === 0) return;
  try {
    await session.script(`begin;\n${sql.join(";\n")};\ncommit`);
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    if (!hasSqlState(error, "42501")) throw error;
    const { database, role: me } = session.server;
    throw new PgwrightError(
      "keep-failed",
      `role \`${me}\` may not create the schema or table that data are kept in: ${(error as Error).message}`,
      {
        cause: error,
        sqlstate: "42501",
        notes: ["nothing was rolled back"],
        hint: `have its owner run: grant create on database ${ident(database)} to ${ident(me)}; and, where there is a schema pgwright, grant usage, create on schema pgwright to ${ident(me)}`,
      },
    );
  }
}

/** The number of the next kept table. */
export async function nextKeptId(session: Session): Promise<number> {
  const { hasTable } = await readPlace(session);
  if (!hasTable) return 1;
  const { id } = await session.one<{ id: string }>(
    "select coalesce(max(id), 0) + 1 as id from pgwright.kept_data where id > 0",
  );
  return Number(id);
}

/** Data that wait for one of these versions, the ones kept last first: what was dropped later comes first. */
export async function readKept(session: Session, versions: readonly string[]): Promise<Kept[]> {
  if (versions.length === 0) return [];
  const { hasTable } = await readPlace(session);
  if (!hasTable) return [];
  const rows = await session.query<Omit<Kept, "shape"> & { shape: string }>(listKept);
  return rows
    .filter(({ version }) => versions.includes(version))
    .map((row) => ({ ...row, shape: JSON.parse(row.shape) as Kept["shape"] }));
}

/** What a migration has put back. */
export interface Restored {
  readonly object: string;
  readonly kind: Kept["shape"]["kind"];
  /** Of `positions`: how many sequences. */
  readonly rows: number;
  /** Rows that have no place any more, and the table they stay in. */
  readonly left: number;
  readonly table: string;
  /** Of those left, the rows whose key is NULL: a NOT NULL that was never validated lets them be, and takes no change to them. */
  readonly keyless: number;
  /** Rows that somebody has taken out of it before. */
  readonly missing: number;
}

export async function readRestored(session: Session, kept: readonly Kept[]): Promise<Restored[]> {
  const rows = await session.query<{ id: string; rows: string; left: string | null }>(
    "select id::text, kept_rows::text as rows, rows_left::text as left from pgwright.kept_data",
  );
  const restored: Restored[] = [];
  for (const { id, object, rows: noted, shape } of kept) {
    const row = rows.find((one) => one.id === id);
    if (row === undefined || row.left === null) continue;
    const left = Number(row.left);
    restored.push({
      object,
      kind: shape.kind,
      rows: Number(row.rows),
      left,
      table: keptTable(id),
      keyless: left === 0 ? 0 : await countKeyless(session, id, shape),
      missing: Math.max(0, Number(noted ?? row.rows) - Number(row.rows)),
    });
  }
  return restored;
}

async function countKeyless(session: Session, id: string, { key }: Kept["shape"]): Promise<number> {
  if (!key) return 0;
  const nulls = key.map((name) => `${keptColumn(name)} is null`).join(" or ");
  const { count } = await session.one<{ count: string }>(
    `select count(*) from ${keptTable(id)} where ${nulls}`,
  );
  return Number(count);
}

/** An error of keeping or putting back, in words; any other as it is. */
export function explainKept(error: unknown, title: string, direction: "up" | "down"): unknown {
  const cause = error instanceof SectionFailed ? error.failure.error : error;
  if (!isPostgresError(cause) || cause.code !== keptState) return error;
  const [what, hint] =
    direction === "down"
      ? [
          "data could not be kept",
          `${hidden(cause.message)}leave out --keep-data, and pass --allow-data-loss to lose what is listed then`,
        ]
      : [
          "the data that its rollback kept could not be put back",
          `${hidden(cause.message)}\`pgwright migrate --leave-kept\` applies it without them and prints the SQL that puts them back later; they stay in the tables that pgwright.kept_data lists`,
        ];
  const isBefore = !(error instanceof SectionFailed);
  const explained = new PgwrightError("keep-failed", `${title}: ${what}: ${cause.message}`, {
    cause,
    hint,
    ...(isBefore ? { notes: [`nothing of ${title} was applied`] } : {}),
  });
  return isBefore ? explained : new SectionFailed({ ...error.failure, error: explained });
}

/** Policies of a table with FORCE hide rows from its owner too. */
function hidden(message: string): string {
  return /row-level security/.test(message)
    ? "let the role that runs migrations see every row: `alter role … bypassrls`; or "
    : "";
}
