/** Refreshes that would do harm, or are not this role's to do. */
import { ident } from "../../db/identifier.ts";
import { PgwrightError } from "../../errors.ts";
import type { Matview, Sources } from "./catalog.ts";

/** Why a refresh would leave rows out, with what to type; undefined where it sees all of them. */
export function hidingReason({
  hiddenRows,
}: Sources): { message: string; hint: string } | undefined {
  const [first] = hiddenRows;
  if (!first) return undefined;
  const tables = [...new Set(hiddenRows.map(({ table }) => table))].join(", ");
  const readers = [...new Set(hiddenRows.map(({ reader }) => reader))];
  return {
    message: `row level security of ${tables} holds for ${readers.join(", ")}, whose rights a refresh has, and would leave rows out of it`,
    hint: `as a superuser: ${readers.map((reader) => `ALTER ROLE ${ident(reader)} BYPASSRLS`).join("; ")}`,
  };
}

/**
 * @param sources undefined where the view is gone.
 * @throws PgwrightError `refresh-refused`, `relation-unknown`.
 */
export function refuseRefresh(
  { view, owner, access }: Matview,
  sources: Sources | undefined,
): asserts sources is Sources {
  if (!sources) {
    throw new PgwrightError("relation-unknown", `${view} has been dropped meanwhile`);
  }
  if (access === "none") {
    throw new PgwrightError(
      "refresh-refused",
      `this role may not refresh ${view}, which belongs to ${owner}`,
      {
        hint: `as ${owner} on PostgreSQL 17 or later: GRANT MAINTAIN ON ${view} TO …; before: GRANT ${ident(owner)} TO …`,
      },
    );
  }
  const hiding = hidingReason(sources);
  if (!hiding) return;
  throw new PgwrightError("refresh-refused", `${view}: ${hiding.message}`, { hint: hiding.hint });
}
