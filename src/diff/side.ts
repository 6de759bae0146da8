/** A schema to compare: of a database, of the migration files, or of a dump in a file. */
import { readFile } from "node:fs/promises";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { MigrationDirectory } from "../migrate/file.ts";
import { readMigrations } from "../migrate/file.ts";
import { refuseInvalid } from "../migrate/prepare.ts";
import { withFilesApplied, withThrowaway } from "../migrate/throwaway.ts";
import type { ThrowawayOptions } from "../migrate/throwaway.ts";
import { type DumpedObject, dumpObjects } from "../schema/dump.ts";
import { dumpSource } from "../testdb/dump-source.ts";
import type { Places } from "./places.ts";
import { placesOfDump, readPlaces } from "./places.ts";

export interface SideOptions extends ThrowawayOptions {
  readonly omitOwners: boolean;
}

export interface SideSchema {
  readonly objects: readonly DumpedObject[];
  /** Undefined where it says nothing of them. */
  readonly places: Places | undefined;
}

/** Without the ledger and the schema `pgwright`. */
export async function schemaOf(session: Session, options: SideOptions): Promise<SideSchema> {
  const { objects } = await dumpObjects(session, {
    ledger: { ...options.ledger, content: "none" },
    omitOwners: options.omitOwners,
  });
  return { objects, places: await readPlaces(session) };
}

/** What the files make of an empty database, with what `policies/` declares. */
export async function schemaOfFiles(options: SideOptions): Promise<SideSchema> {
  return schemaOfApplied(options, await readMigrations(options.directory));
}

/** The same of these files. */
export async function schemaOfApplied(
  options: SideOptions,
  directory: MigrationDirectory,
): Promise<SideSchema> {
  const { migrations, findings } = directory;
  refuseInvalid(findings);
  return withFilesApplied(
    { ...options, read: async () => directory, count: migrations.length },
    "whole",
    (copy) => schemaOf(copy, options),
  );
}

/** What a new database of this server holds, before any file has run. */
export async function schemaOfNothing(options: SideOptions): Promise<SideSchema> {
  return withThrowaway(options, "no migrations in the throwaway database", async (name) => {
    await using copy = await options.openOther(name);
    return await schemaOf(copy, options);
  });
}

/**
 * What a dump holds, loaded into a throwaway database.
 *
 * @throws PgwrightError `usage` where there is no such file, and as loading a test database.
 */
export async function schemaOfDump(
  options: SideOptions,
  path: string,
  shown: string,
): Promise<SideSchema> {
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
    const { objects, places } = await schemaOf(copy, options);
    return { objects, places: places && placesOfDump(places) };
  });
}
