/** FitnessHub as a whole: its partitions, its row security, its triggers and its audit log. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseRoot } from "../../../src/anonymize/subset/root.ts";
import { dumpSchema } from "../../../src/schema/dump.ts";
import { copyBetween } from "../../support/anonymize.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { addPeople, ann } from "../../support/fitnesshub-people.ts";
import { withFitnessHubPolicies } from "../../support/fitnesshub.ts";

let source: TestDatabase;

beforeAll(async () => {
  source = await withFitnessHubPolicies();
  await addPeople(source.sql);
});

afterAll(() => source[Symbol.asyncDispose]());

// Ids are masked too: they are the key that users are parted by, and all others refer to.
const id = (name: string) => `md5(t.${name}::text || 'salt')::uuid`;

async function schemaOf(database: TestDatabase): Promise<string> {
  await using session = await connectTo(database.url);
  return (await dumpSchema(session)).sql;
}

async function referencesOf(database: TestDatabase): Promise<Record<string, string>> {
  const rows = await database.sql.unsafe(`
    select n.nspname as schema, c.relname as table, a.attname as column
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and a.atttypid = 'uuid'::regtype and n.nspname ~ '_service$|^shared$'`);
  return Object.fromEntries(
    rows.map((row) => [
      `${row["schema"]}.${row["table"]}.${row["column"]}`,
      id(String(row["column"])),
    ]),
  );
}

test("all of it, with every id masked", async () => {
  await using target = await withDatabase();
  const result = await copyBetween(source, target, { masks: await referencesOf(source) });
  expect(await schemaOf(target)).toBe(await schemaOf(source));
  const [found] = await target.sql`
    select (select count(*)::int from user_service.users) as users,
      (select count(*)::int from user_service.users where id = ${ann}) as anns,
      (select count(*)::int from social_service.likes) as likes,
      (select count(*)::int from user_service.user_emails) as emails`;
  const [before] = await source.sql`
    select (select count(*)::int from user_service.users) as users, 0 as anns,
      (select count(*)::int from social_service.likes) as likes,
      (select count(*)::int from user_service.user_emails) as emails`;
  expect(found).toEqual(before);
  const audited = result.tables.filter(({ table }) => table.startsWith("shared.audit_log"));
  const rows = audited.reduce((sum, table) => sum + table.rows, 0);
  const [log] = await target.sql`select count(*)::int from shared.audit_log`;
  expect(log).toEqual({ count: rows });
});

test("a subset of one user is closed over every foreign key", async () => {
  await using target = await withDatabase();
  const roots = [parseRoot(`user_service.users: id = '${ann}'`)];
  await copyBetween(source, target, { subset: { roots, size: undefined } });
  const [posts] = await target.sql`select count(distinct user_id)::int as authors,
    count(*) filter (where user_id = ${ann})::int as "anns" from social_service.social_posts`;
  const [before] =
    await source.sql`select count(*)::int as anns from social_service.social_posts where user_id = ${ann}`;
  expect(posts?.["anns"]).toBe(before?.["anns"]);
});
