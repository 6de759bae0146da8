import { ident } from "../../db/identifier.ts";
import { countOf } from "../../db/amount.ts";
import type { Check } from "../check.ts";

interface FailureRow {
  /** Null for the catalogs that all databases share. */
  readonly database: string | null;
  readonly failures: number;
  readonly last: string | null;
}

export const corruption: Check = {
  title: "page checksums",
  async look(session) {
    const rows = await session.query<FailureRow>(
      `select datname as database, checksum_failures::float8 as failures,
              to_char(checksum_last_failure at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') as last
       from pg_stat_database where checksum_failures > 0 order by datname`,
    );
    return rows.map(({ database, failures, last }) => {
      const name = database === null ? "the shared catalogs" : `database ${ident(database)}`;
      return {
        rule: "doctor/checksum-failures",
        severity: "error",
        message: `${countOf(failures, "page")} of ${name} failed the checksum, last at ${last ?? "an unknown time"}: a disk or memory damages data`,
        object: database ?? "shared",
        hint: "the server log names the files; take a backup of what is left, move to other hardware, and restore those files from a backup of before",
      };
    });
  },
};
