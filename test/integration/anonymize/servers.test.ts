/** Copies between servers of other versions, and from a standby. */
import { chown, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyBetween } from "../../support/anonymize.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { withDatabase } from "../../support/database.ts";
import { load } from "../../support/dump.ts";

let old: Cluster;

beforeAll(async () => {
  old = await startCluster({ version: "15" });
  const path = join(import.meta.dirname, "..", "..", "fixtures", "anonymize", "nasty.sql");
  await load(old as never, await readFile(path, "utf8"));
  await load(old as never, "create database plain");
  await load(
    { url: old.url.replace(/postgres$/, "plain") } as never,
    `create table people (id int primary key, email text);
     insert into people select i, 'p' || i || '@real.test' from generate_series(1, 5000) i;
     create materialized view domains as select count(*) from people;
     checkpoint`,
  );
});

afterAll(() => old[Symbol.asyncDispose]());

test("15 is copied to the version of the tests, row for row", async () => {
  await using target = await withDatabase();
  await copyBetween(old, target);
  const source = postgres(old.url, { max: 1, onnotice: () => {} });
  for (const table of [`"Odd Names"."Order"`, "member", "event", "noise", "sizes", "wide"]) {
    const rows = (sql: postgres.Sql) =>
      sql.unsafe(`select t::text as row from ${table} t order by 1`);
    expect([table, await rows(target.sql)]).toEqual([table, await rows(source)]);
  }
  await source.end();
});

test("a standby will do as the source, not as the target, and unlogged tables are named", async () => {
  await using target = await withDatabase();
  await old.stop();
  const signal = join(old.dataDirectory, "standby.signal");
  const { uid, gid } = await stat(old.dataDirectory);
  await writeFile(signal, "");
  await chown(signal, uid, gid);
  await old.start();
  const plain = { url: old.url.replace(/postgres$/, "plain") };
  const masks = { "public.people.email": "md5(t.email)" };
  const result = await copyBetween(plain, target, { masks, unitBytes: 2 ** 16 });
  expect(result).toMatchObject({ beginning: "fresh", rows: 5000 });
  await expect(copyBetween(old, target, { replace: target.name })).rejects.toMatchObject({
    code: "copy-refused",
    message: "unlogged tables cannot be read on a standby",
    details: { notes: ["public.fleeting"] },
  });
  await expect(copyBetween(target, plain)).rejects.toMatchObject({ code: "server-standby" });
});
