/** A target whose disk is full: said so, marked incomplete, and made whole once there is room. */
import { execFileSync } from "node:child_process";
import { chown, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import postgres from "postgres";
import { copyBetween } from "../../support/anonymize.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";

let source: TestDatabase;
let target: Cluster;
let sql: postgres.Sql;
let small: string;
let whyNot: string | undefined;

beforeAll(async () => {
  target = await startCluster();
  small = join(target.dataDirectory, "..", "small");
  await mkdir(small);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", small], { stdio: "pipe" });
  } catch (error) {
    whyNot = `mount is not allowed here: ${error instanceof Error ? error.message : String(error)}`;
    return;
  }
  const { uid, gid } = await stat(target.dataDirectory);
  await chown(small, uid, gid);
  sql = postgres(target.url, { max: 1, onnotice: () => {} });
  await sql.unsafe(`create tablespace small location '${small}'`);
  await sql.unsafe("create database tight tablespace small");
  source = await withDatabase();
  await source.sql`create table a (id int primary key)`;
  await source.sql`create table big (id int primary key, note text)`;
  await source.sql`insert into a values (1)`;
  await source.sql`insert into big select n, repeat('0123456789', 100) from generate_series(1, 30000) n`;
});

afterAll(async () => {
  await sql?.end();
  await source?.[Symbol.asyncDispose]();
  // The server holds files there until it is stopped.
  await target.stop();
  if (whyNot === undefined) execFileSync("umount", [small]);
  await rm(small, { recursive: true, force: true });
  await target[Symbol.asyncDispose]();
});

test("a full disk is named as such, and the next run begins where there is room", async (context) => {
  if (whyNot !== undefined) return context.skip(whyNot);
  const url = target.url.replace(/postgres$/, "tight");
  await expect(copyBetween(source, { url })).rejects.toMatchObject({
    code: "copy-failed",
    exit: 4,
    details: {
      sqlstate: "53100",
      hint: expect.stringContaining("its disk is full: make room"),
      notes: expect.arrayContaining([
        "the target `tight` is incomplete and marked so; the source was only read",
      ]),
    },
  });
  const tight = postgres(url, { max: 1, onnotice: () => {} });
  expect(await tight`select state from pgwright.anonymized_copy`).toEqual([
    { state: "incomplete" },
  ]);
  await tight.end();
  execFileSync("mount", ["-o", "remount,size=200m", small]);
  expect(await copyBetween(source, { url })).toMatchObject({ rows: 30_001 });
});
