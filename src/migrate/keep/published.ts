/** Publications, which send whatever stands in a table to subscribers: what is kept, too. */
import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import findPublications from "./publications.sql";

interface Published {
  readonly publications: readonly string[];
  readonly hasSubscribers: boolean;
}

/**
 * A subscriber of a publication FOR ALL TABLES stops at the first row of a table that it does not
 * have, and would get rows that nobody meant for it. Without a logical replication slot there is none;
 * one that comes later asks for the tables that are there.
 *
 * @throws PgwrightError `keep-failed` before anything is done.
 */
export async function refusePublished(session: Session, events: EventListener): Promise<void> {
  const { publications, hasSubscribers } = await session.one<Published>(findPublications);
  if (publications.length === 0) return;
  const names = publications.map((name) => ident(name)).join(", ");
  const which =
    publications.length === 1 ? `publication ${names} has` : `publications ${names} have`;
  if (!hasSubscribers) {
    const message = `${which} every table that is made here, those with kept data too: a subscriber that comes before they are put back gets what is kept`;
    events({ type: "notice", level: "warning", message });
    return;
  }
  throw new PgwrightError(
    "keep-failed",
    `${which} every table that is made here: what is kept would be sent to its subscribers, and those without a schema pgwright would stop`,
    {
      notes: ["nothing was rolled back"],
      hint: "publish by name or by schema (`create publication … for tables in schema …`) what subscribers are to have; or leave out --keep-data, and pass --allow-data-loss to lose what is listed then",
    },
  );
}
