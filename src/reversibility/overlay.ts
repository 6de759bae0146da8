/** Migrations as they would be with other sections, or with fewer files. */
import type { MigrationFile } from "../migrate/file.ts";
import { readMigrations } from "../migrate/file.ts";
import type { Sections } from "../migrate/section.ts";

/** Sections that stand for those of the file with this number. */
export type Overlay = ReadonlyMap<bigint, Sections>;

/** Reads a directory, with the overlay over it. The checksums stay those of the files. */
export function readingWith(overlay: Overlay): typeof readMigrations {
  return async (directory) => {
    const read = await readMigrations(directory);
    const migrations = read.migrations.map((file): MigrationFile => {
      const sections = overlay.get(file.order);
      return sections ? { ...file, kind: "sql", sections } : file;
    });
    return { ...read, migrations };
  };
}

/** The same of these files alone, by name. */
export function readingOnly(
  read: typeof readMigrations,
  names: ReadonlySet<string>,
): typeof readMigrations {
  return async (directory) => {
    const all = await read(directory);
    return {
      ...all,
      migrations: all.migrations.filter(({ name }) => names.has(name)),
      repeatables: all.repeatables.filter(({ name }) => names.has(name)),
    };
  };
}
