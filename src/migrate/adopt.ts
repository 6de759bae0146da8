/** A ledger whose log is missing: its entries are written from the files. */
import type { AppliedMigration, Ledger } from "./ledger.ts";
import { logSql } from "./ledger-sql.ts";
import type { MigrationFile } from "./file.ts";
import type { Migrator } from "./migrator.ts";
import { prepare, recordOf } from "./prepare.ts";
import { schemaVersionOf } from "./schema-version.ts";
import { runTransaction } from "./transaction.ts";

/** Applied migrations that are, by their checksum, the files of today. */
export function findAdoptable(
  { applied }: Ledger,
  files: readonly MigrationFile[],
): MigrationFile[] {
  return applied.flatMap(({ order, checksum }: AppliedMigration) => {
    const file = files.find((candidate) => candidate.order === order);
    return file?.checksum === checksum ? [file] : [];
  });
}

/** Writes the log of a ledger that came without one: a loaded dump has the rows alone. */
export async function adopt(migrator: Migrator, files: readonly MigrationFile[]): Promise<void> {
  if (files.length === 0) return;
  const { ledger, author, events } = migrator.options;
  const { migrations } = await prepare(files, [], schemaVersionOf([]));
  const reason = "the ledger came without its log, and the checksum is that of the file";
  const after = migrations.map((prepared) =>
    logSql(ledger, { ...recordOf(prepared), event: "baseline", reason }, author),
  );
  await migrator.retrying("log", () =>
    runTransaction(migrator.session, { before: migrator.frame.transaction, statements: [], after }),
  );
  events({
    type: "notice",
    level: "info",
    message: `the ledger came without its log: written for ${files.length === 1 ? "1 migration" : `${files.length} migrations`} from the files`,
  });
}
