/** How values are compared between two servers that cannot see each other: by a keyed hash. */
import { randomBytes } from "node:crypto";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";

const seedSetting = "pgwright.verify_seed";

/** A seed for one verification: 64 bits that nobody keeps. */
export function drawSeed(): string {
  return randomBytes(8).readBigInt64BE().toString();
}

/**
 * SQL of a value's hash: 64 bits that are the same on every supported server. Only ASCII letters
 * are folded: what others become depends on the database's locale.
 */
export function hashSql(value: string): string {
  return `hashtextextended(lower(${value} collate "C"), (select current_setting('${seedSetting}')::int8))`;
}

/**
 * Sets the seed on both sessions, as a bound parameter.
 *
 * @throws PgwrightError `verify-refused` where the two would hash a text differently.
 */
export async function setSeed(source: Session, target: Session, seed: string): Promise<void> {
  const hashes = new Set<string>();
  for (const session of [source, target]) {
    await session.query("select set_config($1, $2, false)", [seedSetting, seed]);
    const { hash, encoding } = await session.one<{ hash: string; encoding: string }>(
      `select ${hashSql("'Zoë, naïve'")}::text as hash, current_setting('server_encoding') as encoding`,
    );
    hashes.add(`${encoding} ${hash}`);
  }
  if (hashes.size === 1) return;
  throw new PgwrightError(
    "verify-refused",
    "source and target write texts in different encodings, so their values cannot be compared",
    {
      hint: "copy into a database of the source's encoding: createdb --encoding … --template template0",
    },
  );
}

/**
 * SQL that is true of values that tell something: five characters at least; nine where all of them are
 * digits and signs, of which shorter ones come up by chance in any larger table; no dates and no
 * times of whole seconds, which many rows share.
 */
export function tellsSql(value: string): string {
  return (
    `length(${value}) >= ${leastLength} and case when translate(${value}, '0123456789 .,:/+()TZ-', '') = '' ` +
    `then length(${value}) >= ${leastDigits} and ${value} !~ ` +
    `'^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:]{4,8}([.]0+)?(Z|[+-][0-9:]{2,6})?)?$' else true end`
  );
}

export const leastLength = 5;
export const leastDigits = 9;
