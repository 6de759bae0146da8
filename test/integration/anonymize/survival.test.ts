/**
 * FitnessHub with audit on and people that no dictionary knows, changed and deleted: masked into a
 * database, into files and in place, nothing of them is left, in text, in statistics or in the bytes of
 * heap and index files. The same search finds thousands after a plain UPDATE.
 */
import { keptTable } from "../../../src/migrate/keep/shape.ts";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskInPlace } from "../../../src/anonymize/in-place/in-place.ts";
import { copyToFiles } from "../../../src/anonymize/copy/to-files.ts";
import { planMasking } from "../../../src/anonymize/plan.ts";
import { parseRules } from "../../../src/anonymize/rules/read.ts";
import { dumpSchema } from "../../../src/schema/dump.ts";
import { opener } from "../../support/anonymize.ts";
import { install } from "../../support/audit.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { fitnessHubAudit } from "../../support/fitnesshub-audit.ts";
import { withFitnessHub } from "../../support/fitnesshub.ts";
import { withProject } from "../../support/project.ts";
import { readTestKey } from "../../support/masking.ts";
import { copyMasked, ledger, verifyWith } from "../../support/verify.ts";

const policies = new URL("../../../policies/masking.yaml", import.meta.url).pathname;
const people = new URL("../../support/marked-people.sql", import.meta.url).pathname;

let yaml: string;
let source: TestDatabase;

/** A copy of the source, byte for byte, with its dead rows. */
async function restored(): Promise<TestDatabase> {
  const admin = await withDatabase();
  await using _ = admin;
  await admin.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${source.name}`;
  return await withDatabase({ template: source.name });
}

/** Every word of the fixture; scrambled words begin with `zq`, too, once in 676. */
const mark =
  /zq(?:mail|host|first|last|face|gym|friend|town|coach|mate|place|tag|buddy|shot|reply|chat|pain|doctor|sender|note|link|maiden|new|edit)\d+/gi;
const count = (text: string): number => text.match(mark)?.length ?? 0;

/** All rows of all tables and views, the schema, and what the planner knows. */
async function textOf(url: string): Promise<string> {
  await using session = await connectTo(url);
  const relations = await session.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relkind in ('r', 'm') and relnamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1`,
  );
  const parts: string[] = [];
  await session.script("set row_security = off");
  for (const { name } of relations) {
    const rows = await session.query<{ row: string }>(`select t::text as row from ${name} t`);
    parts.push(...rows.map(({ row }) => row));
  }
  const stats = await session.query<{ text: string }>(
    "select concat_ws(' ', most_common_vals::text, histogram_bounds::text, most_common_elems::text) as text from pg_stats",
  );
  const { sql } = await dumpSchema(session);
  return [...parts, ...stats.map(({ text }) => text), sql].join("\n");
}

/** Marks in the bytes of every file of the database, as the server has them on disk. */
async function countInFiles({ sql }: TestDatabase): Promise<number> {
  await sql`checkpoint`;
  const files = await sql<{ path: string }[]>`
    select 'base/' || d.oid || '/' || f as path
    from pg_database d, pg_ls_dir('base/' || d.oid) f where d.datname = current_database()`;
  let found = 0;
  for (const { path } of files) {
    const [file] = await sql<
      { bytes: Buffer | null }[]
    >`select pg_read_binary_file(${path}, 0, (pg_stat_file(${path})).size, true) as bytes`;
    found += count(file?.bytes?.toString("latin1") ?? "");
  }
  return found;
}

let cluster: Cluster;
const shared = process.env["TEST_DATABASE_URL"];

beforeAll(async () => {
  // A server of its own: a slot on it holds back VACUUM of all databases.
  cluster = await startCluster();
  process.env["TEST_DATABASE_URL"] = cluster.url;
  yaml = await readFile(policies, "utf8");
  source = await withFitnessHub();
  {
    await using session = await connectTo(source.url, { writes: true });
    await install(session, fitnessHubAudit);
  }
  await source.sql.unsafe(await readFile(people, "utf8"));
});

afterAll(async () => {
  await source[Symbol.asyncDispose]();
  process.env["TEST_DATABASE_URL"] = shared;
  await cluster[Symbol.asyncDispose]();
});

describe("originals that no dictionary holds", () => {
  it("are thousands in the source", async () => {
    expect(count(await textOf(source.url))).toBeGreaterThan(10_000);
  });

  it("are gone from a copy", async () => {
    await using target = await withDatabase();
    await copyMasked(source, target, yaml);
    expect(count(await textOf(target.url))).toBe(0);
    expect(await countInFiles(target)).toBe(0);
    const result = await verifyWith(source, target, yaml);
    expect(result.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(result.survival.survivors).toEqual([]);
    expect(result.isClean).toBe(true);
  });

  it("are gone from files", async () => {
    await using project = await withProject();
    const output = join(project.directory, "copy");
    const key = await readTestKey();
    await copyToFiles({
      openSource: opener(source.url),
      planMasking: (session) =>
        planMasking(session, { rules: parseRules(yaml, "masking.yaml"), key, ledger }),
      ledger,
      omitOwners: false,
      omitGrants: false,
      jobs: 2,
      dryRun: false,
      events: () => {},
      output,
      shownOutput: "copy",
    });
    const files = await readdir(output, { recursive: true, withFileTypes: true });
    let bytes = 0;
    for (const file of files.filter((one) => one.isFile())) {
      const content = await readFile(join(file.parentPath, file.name));
      const text = (file.name.endsWith(".gz") ? gunzipSync(content) : content).toString("latin1");
      bytes += text.length;
      expect([file.name, count(text)]).toEqual([file.name, 0]);
    }
    expect(bytes).toBeGreaterThan(500_000);
  });

  it("are gone from a database masked in place, its heap and index files included", async () => {
    await using copy = await restored();
    expect(await countInFiles(copy)).toBeGreaterThan(10_000);
    const schema = await schemaOf(copy.url);
    // Of whatever database: it keeps dead rows of all catalogs.
    await using elsewhere = await withDatabase();
    await elsewhere.sql`select pg_create_logical_replication_slot('holds_catalogs', 'test_decoding')`;
    const key = await readTestKey();
    const result = await maskInPlace({
      open: opener(copy.url),
      protectedBy: undefined,
      confirmed: copy.name,
      planMasking: (session) =>
        planMasking(session, { rules: parseRules(yaml, "masking.yaml"), key, ledger }),
      dryRun: false,
      events: () => {},
    });
    await elsewhere.sql`select pg_drop_replication_slot('holds_catalogs')`;
    expect(result.tables).toContain("user_service.users_0");
    expect(await countInFiles(copy)).toBe(0);
    expect(count(await textOf(copy.url))).toBe(0);
    expect(await schemaOf(copy.url)).toBe(schema);
    expect(
      await copy.sql`select indexrelid::regclass from pg_index where not indisvalid or not indisready`,
    ).toEqual([]);
    const verified = await verifyWith(source, copy, yaml);
    expect(verified.findings.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("stay in open transactions and in what rollbacks have kept, and that is said", async () => {
    await using copy = await restored();
    const kept = keptTable(7);
    await copy.sql.unsafe(`create schema if not exists pgwright;
      create table ${kept} as select id::text, email from user_service.users`);
    const other = await copy.sql.reserve();
    await other`begin isolation level repeatable read`;
    await other`select count(*) from user_service.users`;
    const key = await readTestKey();
    const refused = maskInPlace({
      open: opener(copy.url),
      protectedBy: undefined,
      confirmed: copy.name,
      planMasking: (session) =>
        planMasking(session, { rules: parseRules(yaml, "masking.yaml"), key, ledger }),
      dryRun: false,
      events: () => {},
    });
    await expect(refused).rejects.toMatchObject({
      code: "in-place-refused",
      details: {
        notes: expect.arrayContaining([
          expect.stringMatching(/^session \d+ .* has an open transaction/),
          expect.stringMatching(`^kept data ${kept} holds what a rollback would have lost`),
        ]),
      },
    });
    await other`rollback`;
    other.release();
  });

  it("are thousands still after a plain UPDATE, in files, views, statistics and history", async () => {
    await using copy = await restored();
    await copy.sql.unsafe(`
      update user_service.users set email = 'x' || id || '@example.com', first_name = 'A', last_name = 'B', avatar_url = null, bio = null, location = null;
      update social_service.social_posts set content = 'x', media_urls = '[]'`);
    await copy.sql`vacuum`;
    expect(await countInFiles(copy)).toBeGreaterThan(5000);
    const verified = await verifyWith(source, copy, yaml);
    const places = new Set(verified.survival.survivors.map((one) => one.in));
    expect([...places]).toEqual(
      expect.arrayContaining([
        "shared.directory.email",
        "shared.audit_log.old_values",
        "the catalog (statistics)",
      ]),
    );
    expect(verified.isClean).toBe(false);
  });
});

async function schemaOf(url: string): Promise<string> {
  await using session = await connectTo(url);
  return (await dumpSchema(session)).sql;
}
