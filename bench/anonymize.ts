/**
 * A masked copy of 2,000,000 people with seven masked columns, beside the raw COPY | COPY pipe of psql.
 * Six columns draw from one digest of the row; the days by which dates move come from the digest of
 * the key, as they would for the person's rows in other tables.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { Place } from "./main.ts";

const rows = Number(process.env["BENCH_ROWS"] ?? 2_000_000);
const runs = Number(process.env["BENCH_RUNS"] ?? 3);

const createSql = `
create table people (
  id bigint, email text, first_name text, last_name text, phone text, street text,
  birth_date date, bio text, is_active boolean, created_at timestamptz)`;

const keySql = "alter table people add primary key (id)";

const rules = `tables:
  public.people:
    columns:
      id: { keep: true, reason: a number }
      email: email
      first_name: first_name
      last_name: last_name
      phone: phone
      street: street
      birth_date: { mask: date_shift, by: id }
      bio: scramble
      is_active: { keep: true, reason: a switch }
      created_at: { keep: true, reason: a time }
`;

export async function maskedCopy({ root, serverUrl }: Place): Promise<string> {
  const urlOf = (database: string) => serverUrl.replace(/\/postgres$/, `/${database}`);
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const fresh = async (database: string) => {
    await admin.unsafe(`drop database if exists ${database} with (force)`);
    await admin.unsafe(`create database ${database}`);
  };
  await fresh("bench_people");
  const source = postgres(urlOf("bench_people"), { max: 1, onnotice: () => {} });
  await source.unsafe(createSql);
  await source.unsafe(`
    insert into people
    select i, 'person' || i || '@mail.example', 'First' || i % 5000, 'Last' || i % 20000,
      '+49 30 ' || 1000000 + i, i % 300 || ' Long Street', date '1950-01-01' + (i % 18000)::int,
      case when i % 4 = 0 then 'likes running and number ' || i end, i % 7 > 0, now() - i * interval '1 s'
    from generate_series(1, ${rows}) i`);
  await source.unsafe(keySql);
  await source.unsafe("vacuum analyze people");
  const folder = await mkdtemp(join(tmpdir(), "pgwright-bench-"));
  await mkdir(join(folder, "policies"));
  await writeFile(join(folder, "pgwright.yaml"), "{}\n");
  await writeFile(join(folder, "policies", "masking.yaml"), rules);
  await writeFile(
    join(folder, "rss.mjs"),
    `process.on("exit", () => process.stderr.write("maxrss " + process.resourceUsage().maxRSS + "\\n"));`,
  );
  const target = async (withTable: boolean) => {
    await fresh("bench_copy");
    if (withTable) {
      const sql = postgres(urlOf("bench_copy"), { max: 1 });
      await sql.unsafe(createSql);
      await sql.end();
    }
    await admin.unsafe("checkpoint");
  };
  const raw = () =>
    run("sh", [
      "-c",
      `psql -qc 'copy people to stdout' '${urlOf("bench_people")}' | psql -qc 'copy people from stdin' '${urlOf("bench_copy")}'`,
    ]);
  const whole = () => run("psql", ["-qc", keySql, "-c", "analyze", urlOf("bench_copy")]);
  const ours = () =>
    run(process.execPath, [join(root, "bin/pgwright.js"), "anonymize", "run", "--json"], {
      cwd: folder,
      env: {
        PGWRIGHT_URL: urlOf("bench_people"),
        PGWRIGHT_TARGET_URL: urlOf("bench_copy"),
        PGWRIGHT_ANON_KEY: "5f2b8c1d9e04a7f36b1c8d2e7f90a4b35c6d1e8f2a7b9043c5d6e1f8a2b70943",
        NODE_OPTIONS: `--import ${join(folder, "rss.mjs")}`,
      },
    });
  const figures: Record<"raw" | "whole" | "ours" | "proof", number[]> = {
    raw: [],
    whole: [],
    ours: [],
    proof: [],
  };
  let rss = 0;
  for (let round = 0; round < runs; round += 1) {
    await target(true);
    const rawMs = (await timed(raw)).ms;
    figures.raw.push(rawMs);
    figures.whole.push(rawMs + (await timed(whole)).ms);
    await target(false);
    const { ms, output } = await timed(ours);
    const proofMs = Number(/"proofSeconds": *([0-9.]+)/.exec(output)?.[1]) * 1000;
    // Starting Node and planning are part of the copy.
    figures.ours.push(ms - proofMs);
    figures.proof.push(proofMs);
    rss = Math.max(rss, Number(/maxrss (\d+)/.exec(output)?.[1] ?? Number.NaN) / 1024);
  }
  await source.end();
  for (const database of ["bench_people", "bench_copy"]) {
    await admin.unsafe(`drop database if exists ${database} with (force)`);
  }
  await admin.end();
  await rm(folder, { recursive: true });
  const median = (all: readonly number[]) =>
    all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
  const line = (name: string, all: readonly number[]) =>
    `${name.padEnd(36)} ${(median(all) / 1000).toFixed(1).padStart(6)} s   ${(median(all) / median(figures.raw)).toFixed(2)}   (${all.map((ms) => (ms / 1000).toFixed(1)).join(", ")})`;
  return [
    `A copy of ${rows.toLocaleString("en-US")} people, seven columns masked, median of ${runs}`,
    line("psql COPY | psql COPY, unmasked", figures.raw),
    line("  and primary key, ANALYZE", figures.whole),
    line("pgwright anonymize run, the copy", figures.ours),
    line("  and its proof", figures.proof),
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}`,
    `memory of Node at most ${rss.toFixed(0)} MB`,
    "target: the copy at most 1.25 times the raw pipe, at most 150 MB",
  ].join("\n");
}

interface Ran {
  readonly output: string;
}

async function timed(work: () => Promise<Ran>): Promise<Ran & { ms: number }> {
  const started = performance.now();
  const ran = await work();
  return { ...ran, ms: performance.now() - started };
}

function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve({ output });
      else reject(new Error(`${command} exited with ${code}: ${output.slice(-2000)}`));
    });
  });
}
