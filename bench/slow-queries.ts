/** What following the report's advice is worth, and what the report costs, each beside the other in one run. */
import { join } from "node:path";
import postgres from "postgres";
import { reportQueries } from "../src/insight/report.ts";
import { startCluster } from "../test/support/cluster.ts";
import { connectTo } from "../test/support/connection.ts";
import { statementsOf } from "../test/support/doctor.ts";
import { withWorkload, type SlowName } from "../test/support/workload.ts";
import type { Place } from "./main.ts";

const names = ["index", "policy", "partitions", "pattern", "oneByOne"] as const;

export async function slowQueries({ root }: Place): Promise<string> {
  // The others' server does without pg_stat_statements.
  await using cluster = await startCluster();
  process.env["TEST_DATABASE_URL"] = cluster.url;
  return [await followAdvice(root), await readFiveThousand(cluster.url)].join("\n\n");
}

/** Five slow queries before and after the statements that the report's hints name. */
async function followAdvice(root: string): Promise<string> {
  await using workload = await withWorkload(4, join(root, "migrations"));
  const { database, role } = workload;
  await workload.run();
  const before = new Map<SlowName, number>();
  for (const name of names) before.set(name, await workload.time(name, false));
  await using session = await connectTo(database.url);
  const choice = { sort: "total", limit: 100, minCalls: 1, database: database.name, role } as const;
  const { queries } = await reportQueries(session, choice);
  for (const problem of queries.flatMap(({ problems }) => problems)) {
    for (const statement of statementsOf(problem)) await database.sql.unsafe(statement);
  }
  await database.sql.unsafe("vacuum analyze");
  const lines = ["slow queries of FitnessHub, before and after the report's advice, best of three"];
  for (const name of names) {
    const old = before.get(name) ?? 0;
    const now = await workload.time(name, true);
    lines.push(
      `  ${name.padEnd(12)} ${old.toFixed(1).padStart(8)} ms → ${now.toFixed(1).padStart(7)} ms  ${(old / now).toFixed(1)} times as fast`,
    );
  }
  return [...lines, "target: each at least 5 times as fast"].join("\n");
}

/** The report on 5,000 statements beside `select *` of the view, best of five. */
async function readFiveThousand(serverUrl: string): Promise<string> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await sql`create extension if not exists pg_stat_statements`;
  await sql`select pg_stat_statements_reset()`;
  await sql`create table if not exists plenty (a int, b text)`;
  for (let n = 0; n < 4900; n += 1) {
    // Constants and names of results are not looked at, operators are.
    const bits = [...n.toString(2).padStart(13, "0")];
    const sum = bits.map((bit) => (bit === "1" ? "+ a" : "- a")).join(" ");
    await sql.unsafe(
      `select a ${sum}, b from plenty where a = ${n} and b <> 'the text of a query'`,
    );
  }
  const [{ count } = { count: 0 }] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_statements`;
  const session = await connectTo(serverUrl);
  const choice = { sort: "total", limit: 20, minCalls: 1, database: "postgres" } as const;
  const best = async (work: () => Promise<unknown>) => {
    const times: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const started = performance.now();
      await work();
      times.push(performance.now() - started);
    }
    return Math.min(...times);
  };
  const scansOf = async () =>
    (
      await sql<{ scans: number }[]>`
      select coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0)::int as scans from pg_stat_user_tables`
    )[0]?.scans;
  const scans = await scansOf();
  const peer = await best(() => session.query("select * from pg_stat_statements"));
  const ours = await best(() => reportQueries(session, choice));
  const later = await scansOf();
  await session[Symbol.asyncDispose]();
  await sql.end();
  return [
    `report on ${count} statements, best of five`,
    `  select * from pg_stat_statements  ${peer.toFixed(1)} ms`,
    `  report with 20 plans and reasons  ${ours.toFixed(1)} ms  ${(ours / peer).toFixed(2)} times`,
    `  scans of user tables meanwhile    ${(later ?? 0) - (scans ?? 0)}`,
    "target: at most 3 times, and no scan",
  ].join("\n");
}
