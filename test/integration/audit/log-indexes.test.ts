/** What `audit log` asks is answered by the log's indexes, also as the log grows. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import listEntries from "../../../src/policies/audit/entries.sql";
import { auditLogSql } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import { withDatabase } from "../../support/database.ts";

let database: Awaited<ReturnType<typeof withDatabase>>;
let session: Session;

beforeAll(async () => {
  database = await withDatabase();
  session = await connectTo(database.url, { writes: true });
  await session.script(`${auditLogSql()};
    insert into shared.audit_log (table_name, record_id, operation, changed_at)
    select 'app.t' || i % 10, md5((i / 10)::text)::uuid::text, 'UPDATE', timestamptz '2024-01-02 UTC' + i * interval '1 minute'
    from generate_series(1, 20000) i;
    analyze shared.audit_log`);
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** The plan of the statement behind `audit log`, with these of its eight parameters. */
async function explain(given: Readonly<Record<number, string>>): Promise<string> {
  const parameters = Array.from({ length: 8 }, (_, i) => given[i + 1] ?? null);
  const lines = await session.query<{ "QUERY PLAN": string }>(
    `explain (costs off) ${listEntries}`,
    parameters,
  );
  return lines.map((line) => line["QUERY PLAN"]).join("\n");
}

it("finds the history of one row by its table and key", async () => {
  const plan = await explain({ 1: "app.t3", 2: "c4ca4238-a0b9-2382-0dcc-509a6f75849b", 8: "50" });
  expect(plan).toMatch(/audit_log_2024_01_table_name_record_id_idx/);
  expect(plan).toMatch(/Index Cond: .*table_name.* = .*record_id = /);
  expect(plan).not.toMatch(/Seq Scan on audit_log_2024_01 /);
});

it("finds a quarter of an hour by the primary key", async () => {
  const plan = await explain({ 4: "2024-01-05 10:00+00", 5: "2024-01-05 10:15+00", 8: "50" });
  expect(plan).toMatch(/audit_log_2024_01_pkey/);
  expect(plan).toMatch(/Index Cond: .*changed_at >= /);
});
