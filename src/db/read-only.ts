/** Why the transactions of a primary cannot write, and how that is lifted. */
import { ident } from "./identifier.ts";
import findSource from "./read-only-source.sql";
import type { Session } from "./session.ts";

/** A row of `pg_settings`, in part. */
export interface ReadOnlySource {
  /** "database", "configuration file", … */
  readonly source: string;
  /** Only for a superuser or a member of pg_read_all_settings. */
  readonly file: string | null;
  /** The role that logged in: ALTER ROLE counts for it, whatever SET ROLE says. */
  readonly role: string;
}

/** Asks the server where `default_transaction_read_only` comes from. */
export async function explainReadOnly(session: Session): Promise<{ what: string; hint: string }> {
  const [found] = await session.query<ReadOnlySource>(findSource);
  return describeReadOnly(found, session.server.database);
}

/** The same in words; `what` follows "cannot connect to …: ". */
export function describeReadOnly(
  found: ReadOnlySource | undefined,
  database: string,
): { what: string; hint: string } {
  const { place, lift } = explain(found, database);
  return {
    what: `default_transaction_read_only is on${place === "" ? "" : `, ${place}`}, and this command writes`,
    hint: `${lift}; for one run, \`?options=-c%20default_transaction_read_only%3Doff\` in the URL turns it off`,
  };
}

function explain(
  found: ReadOnlySource | undefined,
  database: string,
): { place: string; lift: string } {
  const role = ident(found?.role ?? "");
  switch (found?.source) {
    case "database":
      return {
        place: `set for the database \`${database}\``,
        lift: reset(`ALTER DATABASE ${ident(database)}`),
      };
    case "user":
      return { place: `set for the role \`${found.role}\``, lift: reset(`ALTER ROLE ${role}`) };
    case "database user":
      return {
        place: `set for the role \`${found.role}\` in the database \`${database}\``,
        lift: reset(`ALTER ROLE ${role} IN DATABASE ${ident(database)}`),
      };
    case "global":
      return { place: "set for all roles", lift: reset("ALTER ROLE ALL") };
    case "configuration file":
      return {
        place: `set in ${found.file ?? "the server's configuration file"}`,
        lift: "take it out there and reload the server",
      };
    case "client":
      return {
        place: "set by the connection itself",
        lift: "take it out of `options` in the URL, or of PGOPTIONS",
      };
    default:
      return { place: "", lift: "turn it off where the server is started or configured" };
  }
}

/** ALTER is refused in a read-only transaction like anything else that writes. */
function reset(alter: string): string {
  return `\`BEGIN READ WRITE; ${alter} RESET default_transaction_read_only; COMMIT\` lifts it`;
}
