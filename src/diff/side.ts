/** A schema to compare: of a database, of the migration files, or of a dump in a file. */
import { readFile } from "node:fs/promises";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { readMigrations } from "../migrate/file.ts";
import { orderOf } from "../migrate/plan.ts";
import { refuseInvalid } from "../migrate/prepare.ts";
import { withFilesApplied, withThrowaway } from "../migrate/throwaway.ts";
import type { ThrowawayOptions } from "../migrate/throwaway.ts";
import { type DumpedObject, dumpObjects } from "../schema/dump.ts";
import { dumpSource } from "../testdb/dump-source.ts";

export interface SideOptions extends ThrowawayOptions {
  readonly omitOwners: boolean;
}

/** Without the ledger and the schema `pgwright`. */
export async function objectsOf(
  session: Session,
  options: SideOptions,
): Promise<readonly DumpedObject[]> {
  const { objects } = await dumpObjects(session, {
    ledger: { ...options.ledger, content: "none" },
    omitOwners: options.omitOwners,
  });
  return objects;
}

/**
 * What the files up to `to` (all of them unless given) make of an empty database, with what
 * `policies/` declares.
 */
export async function objectsOfFiles(
  options: SideOptions,
  to: string | undefined,
): Promise<readonly DumpedObject[]> {
  const { migrations, findings } = await readMigrations(options.directory);
  refuseInvalid(findings);
  const last = to === undefined ? undefined : orderOf(to);
  const count = migrations.filter(({ order }) => last === undefined || order <= last).length;
  return withFilesApplied({ ...options, to, count }, "whole", (copy) => objectsOf(copy, options));
}

/**
 * What a dump holds, loaded into a throwaway database.
 *
 * @throws PgwrightError `usage` where there is no such file, and as loading a test database.
 */
export async function objectsOfDump(
  options: SideOptions,
  path: string,
  shown: string,
): Promise<readonly DumpedObject[]> {
  await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new PgwrightError("usage", `\`${shown}\` cannot be read (${cause.code})`, {
      cause,
      hint: "a side is `database`, `files`, a connection string, or a dump in plain SQL",
    });
  });
  return withThrowaway(options, `loading ${shown}`, async (name) => {
    const open = () => options.openOther(name);
    await dumpSource(path, shown).fill(open, { events: options.events });
    await using copy = await open();
    return await objectsOf(copy, options);
  });
}
