/** `--truncate`: empties the tables before they are filled. */
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { shellWord } from "../db/shell-word.ts";
import { PgwrightError } from "../errors.ts";
import { type Catalog, nameOf, type Table } from "./catalog.ts";
import selectReferences from "./outside-references.sql";
import { type Choice, chooseTables } from "./plan.ts";
import type { SeedRequest } from "./request.ts";
import { countRows } from "./stored.ts";
import { correctCounters, type Counter, watchEmptied } from "./verify.ts";

export interface TruncateOptions extends Choice {
  readonly request: SeedRequest;
  readonly allowDataLoss: boolean;
}

/** What was emptied, and the counters beside it in tables that stay. */
export interface Emptied {
  /** `schema.name`. */
  readonly tables: readonly string[];
  readonly counters: readonly Counter[];
}

interface Reference {
  readonly target: string;
  readonly referrer: string;
  readonly name: string;
}

/**
 * One TRUNCATE for all of them, without CASCADE: a table that is not named is never emptied, nor is
 * one that the seed files leave out (`rows: 0`). Counters of tables that stay are brought down with
 * the rows they count.
 *
 * @throws PgwrightError `data-loss` where rows would be lost and that was not allowed,
 * `seed-impossible` where a table that stays refers to one of them.
 */
export async function emptyTables(
  session: Session,
  catalog: Catalog,
  options: TruncateOptions,
): Promise<Emptied> {
  const tables = chooseTables(catalog, options.tables).filter(
    (table) => options.request.tables[nameOf(table)]?.rows !== 0,
  );
  const losses: string[] = [];
  for (const table of tables) {
    const rows = await countRows(session, table);
    if (rows > 0) losses.push(`${nameOf(table)}: ${rows} ${rows === 1 ? "row" : "rows"}`);
  }
  if (losses.length === 0) return { tables: [], counters: [] };
  await refuseReferences(session, tables);
  if (!options.allowDataLoss) {
    throw new PgwrightError("data-loss", "`--truncate` would lose rows; nothing was changed", {
      notes: losses,
      hint: "add --allow-data-loss if they may go",
    });
  }
  const list = tables.map(({ schema, name }) => qualified(schema, name)).join(", ");
  const counters = await watchEmptied(session, catalog, options.request, tables);
  await session.query(`truncate ${list}`);
  await correctCounters(session, counters);
  return { tables: tables.map(nameOf), counters };
}

async function refuseReferences(session: Session, tables: readonly Table[]): Promise<void> {
  const oids = JSON.stringify(tables.map(({ oid }) => oid));
  const references = await session.query<Reference>(selectReferences, [oids]);
  if (references.length === 0) return;
  const referrers = [...new Set(references.map(({ referrer }) => referrer))];
  throw new PgwrightError(
    "seed-impossible",
    `${referrers.join(", ")} would still refer to what \`--truncate\` empties; nothing was changed`,
    {
      notes: references.map(
        ({ target, referrer, name }) => `${referrer} refers to ${target}: ${name}`,
      ),
      hint: `empty ${referrers.length === 1 ? "it" : "them"} too: \`pgwright seed --truncate --tables ${[...tables.map(nameOf), ...referrers].map(shellWord).join(" ")}\``,
    },
  );
}
