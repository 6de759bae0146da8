/** What `migrate --online` leaves is what `migrate` leaves, and it does it otherwise. */
import { expect, test } from "vitest";
import { withDatabase } from "../../../support/database.ts";
import type { MigrationProject } from "../../../support/migration-project.ts";
import { migration, withMigrations } from "../../../support/migration-project.ts";
import { inUse, onlineCases } from "../../../support/online-cases.ts";

async function serverVersion(): Promise<number> {
  await using database = await withDatabase();
  const [row] = await database.sql<{ version: number }[]>`
    select current_setting('server_version_num')::int / 10000 as version`;
  return row?.version ?? 0;
}

test("a corpus of statements: the same dump, on every server", async () => {
  const files = new Map(
    onlineCases.map((one, index) => [
      `${String(index + 1).padStart(3, "0")}_case.sql`,
      { ...one, text: migration(one.sql, "select 1;") },
    ]),
  );
  const version = await serverVersion();
  const known = new Map(
    [...files].filter(([, { since = 0, until = 99 }]) => since <= version && version <= until),
  );
  const texts = Object.fromEntries([...known].map(([name, { text }]) => [name, text]));
  await using plain = await withMigrations(texts);
  await using online = await withMigrations(texts);
  for (const { sql } of [plain, online]) await sql.unsafe(inUse).simple();
  const { body } = await online.json(["migrate", "--online", "--dry-run"]);
  const changes: { file: string; runs: string[] | null; why?: string }[] = body.result.online;
  const found = [...known.keys()].map((file) => {
    const own = changes.filter((change) => change.file === file);
    return {
      sql: known.get(file)?.sql,
      rewritten: own.map(({ runs }) => runs !== null),
      why: own.flatMap(({ why }) => why ?? []),
    };
  });
  expect(found).toEqual(
    [...known.values()].map(({ sql, rewritten, why = [] }) => ({
      sql,
      rewritten,
      why: why.map((reason) => expect.stringMatching(reason)),
    })),
  );
  await plain.mustRun(["migrate"]);
  await online.mustRun(["migrate", "--online"]);
  const wanted = await plain.run(["dump"]);
  const got = await online.run(["dump"]);
  expect(wanted.code).toBe(0);
  expect(got.stdout).toBe(wanted.stdout);
  expect(await readDetails(online)).toEqual(await readDetails(plain));
});

/** What a dump does not tell: the state of constraints on partitions, of inheritance, and of indexes. */
async function readDetails({ sql }: MigrationProject) {
  return {
    constraints: await sql`
      select c.conrelid::regclass::text as table, c.conname, c.contype, c.convalidated, c.conislocal,
             c.coninhcount, c.connoinherit, p.conname as parent, x.relname as index
      from pg_constraint c left join pg_constraint p on p.oid = c.conparentid
      left join pg_class x on x.oid = c.conindid where c.conrelid <> 0
      order by 1, 2`,
    indexes: await sql`
      select i.indexrelid::regclass::text as index, i.indisvalid, i.indisready, i.indislive, i.indimmediate,
             i.indisunique, i.indisprimary, i.indnullsnotdistinct, h.inhparent::regclass::text as parent
      from pg_index i left join pg_inherits h on h.inhrelid = i.indexrelid
      where i.indrelid >= 16384 and i.indexrelid::regclass::text !~ '^pg_toast' order by 1`,
    columns: await sql`
      select attrelid::regclass::text as table, attname, attnum, attnotnull, atthasdef, attislocal
      from pg_attribute where attrelid >= 16384 and attrelid in (select oid from pg_class where relkind in ('r', 'p'))
      order by 1, attnum`,
  };
}
