/**
 * 5,000,000 rows are filled in batches while others write, the process is killed twice and taken up
 * again: every row once, and how long a writer waits at most, beside the same UPDATE as one statement.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import type { Place } from "./main.ts";

const rows = Number(process.env["PGWRIGHT_BENCH_ROWS"] ?? 5_000_000);
const batch = 10_000;

const setUp = `create table t (id bigint primary key, n int not null default 0, hits int not null default 0, name text not null) with (fillfactor = 80);
  insert into t select i, 0, 0, 'Name ' || i from generate_series(1, ${rows}) i;
  analyze t;`;

export async function backfillMillions({ root, serverUrl }: Place): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "pgwright-bench-"));
  const url = serverUrl.replace(/\/postgres$/, "/bench_backfill");
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe("drop database if exists bench_backfill with (force)");
  await admin.unsafe("create database bench_backfill");
  const sql = postgres(url, { max: 4, onnotice: () => {} });
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "pgwright.yaml"), "migrations: {}\n");
  writeFileSync(
    join(folder, "migrations", "001_fill.sql"),
    `-- migrate:up\n-- backfill: batch=${batch}\nupdate t set n = n + 1, name = lower(name);\n-- migrate:down\nselect 1;\n`,
  );
  const start = () =>
    spawn(process.execPath, [join(root, "bin/pgwright.cjs"), "migrate", "-q", "--url", url], {
      cwd: folder,
      stdio: "ignore",
    });
  const batches = async () => {
    const [row] = await sql`select to_regclass('schema_migrations_log') is not null as there`;
    if (!row?.["there"]) return 0;
    const [last] = await sql`select (reason::jsonb->>'batches')::int as n from schema_migrations_log
      where reason is not null order by id desc limit 1`;
    return Number(last?.["n"] ?? 0);
  };
  try {
    await sql.unsafe(setUp).simple();
    const load = startLoad(sql);
    const began = performance.now();
    for (const part of [1 / 3, 2 / 3]) {
      const child = start();
      const ended = new Promise((resolve) => child.once("close", resolve));
      while ((await batches()) < (rows / batch) * part) await sleep(50);
      child.kill("SIGKILL");
      await ended;
    }
    const last = start();
    const status = await new Promise((resolve) => last.once("close", resolve));
    const filled = performance.now() - began;
    const inBatches = load.take();
    const done = await sql`select n, count(*)::int as rows from t group by n`;
    const plainBegan = performance.now();
    await sql`update t set n = n + 1, name = lower(name)`;
    const plain = performance.now() - plainBegan;
    const inOne = load.take();
    await load.stop();
    const [sum] = await sql`select sum(hits)::int as hits from t`;
    return [
      `a backfill of ${rows.toLocaleString("en-US")} rows, batches of ${batch.toLocaleString("en-US")}, killed at a third and at two thirds`,
      `  exit ${String(status)}, ${await batches()} batches; rows by how often they were changed: ${JSON.stringify(done)}`,
      `  ${(filled / 1000).toFixed(1)} s with both restarts, ${(filled / plain).toFixed(2)} times one UPDATE (${(plain / 1000).toFixed(1)} s)`,
      `  writers meanwhile: ${inBatches.count} writes, the slowest waited ${inBatches.slowest.toFixed(0)} ms; a batch took ${(filled / (rows / batch)).toFixed(0)} ms`,
      `  writers beside the one UPDATE: ${inOne.count} writes, the slowest waited ${inOne.slowest.toFixed(0)} ms`,
      `  writes that were made: ${load.total()}, that are there: ${sum?.["hits"]}`,
      "target: every row once, no write lost, the slowest write no longer than a few batches",
    ].join("\n");
  } finally {
    await sql.end({ timeout: 5 });
    await admin.unsafe("drop database if exists bench_backfill with (force)");
    await admin.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One writer after the other, each in a random row. */
function startLoad(sql: postgres.Sql) {
  const state = { isRunning: true };
  let total = 0;
  let seen = { count: 0, slowest: 0 };
  const work = async () => {
    while (state.isRunning) {
      const id = 1 + Math.floor(Math.random() * rows);
      const began = performance.now();
      await sql`update t set hits = hits + 1 where id = ${id}`;
      total += 1;
      seen = { count: seen.count + 1, slowest: Math.max(seen.slowest, performance.now() - began) };
      await sleep(2);
    }
  };
  const workers = [work(), work()];
  return {
    total: () => total,
    take() {
      const taken = seen;
      seen = { count: 0, slowest: 0 };
      return taken;
    },
    async stop() {
      state.isRunning = false;
      await Promise.all(workers);
    },
  };
}
