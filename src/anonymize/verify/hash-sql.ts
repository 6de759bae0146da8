/** How values are compared between two servers that cannot see each other: by a keyed hash. */
import { randomBytes } from "node:crypto";
import type { Session } from "../../db/session.ts";
import { literal } from "../../db/identifier.ts";
import { PgwrightError } from "../../errors.ts";
import { KeyedHash } from "./keyed-hash.ts";

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
 * Sets the seed on the session, as a bound parameter.
 *
 * @throws PgwrightError `verify-refused` where the server would hash a text differently from here.
 */
export async function setSeed(session: Session, seed: string): Promise<void> {
  await session.query("select set_config($1, $2, false)", [seedSetting, seed]);
  const text = "Zoë's naïve e-mail: zoë@example.com";
  const { hash } = await session.one<{ hash: string }>(
    `select ${hashSql(literal(text))}::text as hash`,
  );
  if (BigInt(hash) === new KeyedHash(seed).ofText(text)) return;
  await refuseEncoding(session);
  throw new PgwrightError("internal", "the server hashes texts in another way than is known here");
}

/** @throws PgwrightError `verify-refused` where texts come as other bytes than they are hashed of. */
async function refuseEncoding(session: Session): Promise<void> {
  const { encoding } = await session.one<{ encoding: string }>(
    "select current_setting('server_encoding') as encoding",
  );
  if (encoding === "UTF8") return;
  throw new PgwrightError(
    "verify-refused",
    `\`${session.server.database}\` is in ${encoding}, and values are compared as UTF8`,
    { hint: "nothing was compared; copy the source into a database of the encoding UTF8 first" },
  );
}

/**
 * SQL that is true of values that tell something: five characters at least; nine where all of them are
 * digits and signs, of which shorter ones come up by chance in any larger table; no dates and no
 * times of whole seconds, which many rows share.
 */
export function tellsSql(value: string): string {
  // A regular expression stops at the first letter; translate() took a microsecond for each value.
  const plain = `${value} collate "C"`;
  return (
    `length(${value}) >= ${leastLength} and case when ${plain} ~ '[^0-9 .,:/+()TZ-]' then true ` +
    `else length(${value}) >= ${leastDigits} and ${plain} !~ ` +
    `'^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:]{4,8}([.]0+)?(Z|[+-][0-9:]{2,6})?)?$' end`
  );
}

export const leastLength = 5;
export const leastDigits = 9;
