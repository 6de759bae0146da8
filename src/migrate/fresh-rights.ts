/** Why a migration may be denied in a database of ours what it may do in the one that it was written for. */
import { ident } from "../db/identifier.ts";
import type { MigratorOptions } from "./migrator.ts";

/**
 * What to do when a migration lacks a right (SQLSTATE 42501) in a database that was made a moment
 * ago: it holds what template1 holds, and what the files before have granted. Undefined for other
 * errors, and where the connected role itself does the work, whose rights are those of the server.
 */
export function freshRightsHint(
  { role }: Pick<MigratorOptions, "role">,
  sqlstate: string | undefined,
): string | undefined {
  if (role === undefined || sqlstate !== "42501") return undefined;
  const name = ident(role);
  return [
    `the database is new, so \`${role}\` (migrations.role) has none of the rights there that were granted by hand elsewhere`,
    `grant them in template1 of this server, which new databases are copied from, such as \`GRANT CREATE ON SCHEMA public TO ${name};\``,
    "or let a migration create the schema: what the role creates is its own",
  ].join("; ");
}
