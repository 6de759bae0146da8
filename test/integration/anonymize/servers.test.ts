/** Copies between servers of other versions, and from a standby. */
import { existsSync } from "node:fs";
import { chown, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyBetween } from "../../support/anonymize.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { connectTo } from "../../support/connection.ts";
import { withDatabase } from "../../support/database.ts";
import { load } from "../../support/dump.ts";
import { createAuthority, withTls } from "../../support/tls.ts";

const servers = join(import.meta.dirname, "..", "..", "servers");
const has15 = existsSync(join(servers, "node_modules", "postgres-15"));
if (!has15) {
  console.warn(
    "SKIPPED: copies from PostgreSQL 15 need `npm ci --prefix test/servers --ignore-scripts`",
  );
}

let old: Cluster;

beforeAll(async () => {
  if (!has15) return;
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

afterAll(() => (has15 ? old[Symbol.asyncDispose]() : undefined));

describe.skipIf(!has15)("from PostgreSQL 15", () => {
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
});

test("inside TLS, on both sides", async () => {
  await using authority = await createAuthority();
  const certificate = await authority.issue({ commonName: "127.0.0.1" });
  await using cluster = await startCluster({ ...withTls(certificate, authority) });
  const url = `${cluster.url}?sslmode=require`;
  await load(
    { url } as never,
    `create table big as select i as id, repeat(md5(i::text), 20) as text from generate_series(1, 20000) i`,
  );
  await load({ url } as never, "create database copy");
  const target = { url: url.replace("/postgres?", "/copy?"), name: "copy" };
  const result = await copyBetween({ url }, target, { unitBytes: 2 ** 21 });
  expect(result).toMatchObject({ rows: 20_000 });
  const hash = async (database: string) => {
    await using session = await connectTo(database);
    expect(session.server.isEncrypted).toBe(true);
    return await session.one("select md5(string_agg(text, ',' order by id)) as hash from big");
  };
  expect(await hash(target.url)).toEqual(await hash(url));
});
