/**
 * A masked copy of 2,000,000 people with seven masked columns, beside the raw COPY | COPY pipe of psql,
 * and its proof. Rows take 330 bytes, nearly half of them a document of settings that is kept; then the
 * same people without it, 147 bytes a row, where masks weigh more beside what is only moved. All draw from
 * one digest, that of the key: the days by which dates move must be the same in the person's rows
 * of other tables.
 *
 * Beside the time by the clock stands that of processors: the clock's depends on what else runs.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import type { Place } from "./main.ts";

const rows = Number(process.env["BENCH_ROWS"] ?? 2_000_000);
const runs = Number(process.env["BENCH_RUNS"] ?? 3);

const createSql = (document: string) => `
create table people (
  id bigint, email text, first_name text, last_name text, phone text, street text,
  birth_date date, bio text, is_active boolean, created_at timestamptz${document && ", settings jsonb"})`;

const settings = `, jsonb_build_object(
  'theme', case when i % 2 = 0 then 'dark' else 'light' end, 'language', 'en', 'units', 'metric',
  'notifications', jsonb_build_object('email', i % 3 > 0, 'push', i % 5 > 0, 'weekly', false),
  'dashboard', jsonb_build_array('steps', 'sleep', 'weight'))`;

const keySql = "alter table people add primary key (id)";

const rules = (document: string) => `tables:
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
${document && "      settings: { keep: true, reason: switches }\n"}`;

export async function maskedCopy(place: Place): Promise<string> {
  const wide = await copyPeople(place, settings);
  return `${wide}\n\n${await copyPeople(place, "")}`;
}

/** `document` is SQL of a further column, or nothing. */
async function copyPeople({ root, serverUrl }: Place, document: string): Promise<string> {
  const urlOf = (database: string) => serverUrl.replace(/\/postgres$/, `/${database}`);
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const fresh = async (database: string) => {
    await admin.unsafe(`drop database if exists ${database} with (force)`);
    await admin.unsafe(`create database ${database}`);
  };
  await fresh("bench_people");
  const source = postgres(urlOf("bench_people"), { max: 1, onnotice: () => {} });
  await source.unsafe(createSql(document));
  await source.unsafe(`
    insert into people
    select i, 'person' || i || '@mail.example', 'First' || i % 5000, 'Last' || i % 20000,
      '+49 30 ' || 1000000 + i, i % 300 || ' Long Street', date '1950-01-01' + (i % 18000)::int,
      case when i % 4 = 0 then 'likes running and number ' || i end, i % 7 > 0, now() - i * interval '1 s'${document}
    from generate_series(1, ${rows}) i`);
  await source.unsafe(keySql);
  await source.unsafe("vacuum analyze people");
  const folder = await mkdtemp(join(tmpdir(), "pgwright-bench-"));
  await mkdir(join(folder, "policies"));
  await writeFile(join(folder, "pgwright.yaml"), "{}\n");
  await writeFile(join(folder, "policies", "masking.yaml"), rules(document));
  await writeFile(join(folder, "usage.mjs"), usageScript);
  const usage = `--import ${join(folder, "usage.mjs")}`;
  const timed = (work: () => Promise<Ran>) => measure(admin, work);
  const target = async (withTable: boolean) => {
    await fresh("bench_copy");
    if (withTable) {
      const sql = postgres(urlOf("bench_copy"), { max: 1 });
      await sql.unsafe(createSql(document));
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
  const pgwright = (args: readonly string[], url: string) =>
    run(process.execPath, [join(root, "bin/pgwright.cjs"), "anonymize", ...args, "--json"], {
      cwd: folder,
      env: {
        PGWRIGHT_URL: url,
        PGWRIGHT_TARGET_URL: urlOf("bench_copy"),
        PGWRIGHT_ANON_KEY: "5f2b8c1d9e04a7f36b1c8d2e7f90a4b35c6d1e8f2a7b9043c5d6e1f8a2b70943",
        NODE_OPTIONS: usage,
      },
    });
  const ours = () => pgwright(["run", "--no-verify"], urlOf("bench_people"));
  const proof = () => pgwright(["verify", "--source", urlOf("bench_people")], urlOf("bench_copy"));
  const [{ width } = { width: 0 }] = await source<{ width: number }[]>`
    select pg_relation_size('people') / ${rows}::int as width`;
  await source.end();
  const figures: Record<"raw" | "whole" | "ours" | "proof", Timed[]> = {
    raw: [],
    whole: [],
    ours: [],
    proof: [],
  };
  for (let round = 0; round < runs; round += 1) {
    await target(true);
    const copied = await timed(raw);
    const keyed = await timed(whole);
    figures.raw.push(copied);
    figures.whole.push({
      ms: copied.ms + keyed.ms,
      serverMs: copied.serverMs + keyed.serverMs,
      clientMs: copied.clientMs + keyed.clientMs,
      megabytes: 0,
      output: "",
    });
    await target(false);
    figures.ours.push(await timed(ours));
    figures.proof.push(await timed(proof));
  }
  for (const database of ["bench_people", "bench_copy"]) {
    await admin.unsafe(`drop database if exists ${database} with (force)`);
  }
  await admin.end();
  await rm(folder, { recursive: true });
  const line = (name: string, all: readonly Timed[]) => {
    const of = (pick: (one: Timed) => number) => median(all.map(pick));
    const ratio = (pick: (one: Timed) => number) =>
      (of(pick) / median(figures.raw.map(pick))).toFixed(2);
    const processors = ({ serverMs, clientMs }: Timed) => serverMs + clientMs;
    return [
      name.padEnd(36),
      `${seconds(of(({ ms }) => ms))}  ${ratio(({ ms }) => ms)}`,
      seconds(of(({ serverMs }) => serverMs)),
      `${seconds(of(({ clientMs }) => clientMs))}  ${ratio(processors)}`,
      `(${all.map(({ ms }) => (ms / 1000).toFixed(1)).join(", ")})`,
    ].join("   ");
  };
  const rowsOf = ({ output }: Timed) =>
    1000 * Number(/"seconds": ([\d.]+),\s*"masked"/.exec(output)?.[1]);
  const ofRows = median(figures.ours.map(rowsOf));
  const most = (all: readonly Timed[]) =>
    Math.max(...all.map(({ megabytes }) => megabytes)).toFixed(0);
  return [
    `A copy of ${rows.toLocaleString("en-US")} people of ${width} bytes, seven columns masked, median of ${runs}:`,
    "by the clock, and its ratio; processors of the server; of the client, and the ratio of both",
    line("psql COPY | psql COPY, unmasked", figures.raw),
    line("  and primary key, ANALYZE", figures.whole),
    line("pgwright anonymize run, the copy", figures.ours),
    `  of it the rows alone${" ".repeat(18)}${seconds(ofRows)}  ${(ofRows / median(figures.raw.map(({ ms }) => ms))).toFixed(2)}   (the rest: the schema, the key, ANALYZE)`,
    line("pgwright anonymize verify, the proof", figures.proof),
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}`,
    `memory of Node at most ${most(figures.ours)} MB for the copy, ${most(figures.proof)} MB for the proof`,
    "target: the copy at most 1.25 times the raw pipe, at most 150 MB",
  ].join("\n");
}

/** Says at the end of a process what memory it has used. */
const usageScript = `process.on("exit", () => {
  process.stderr.write("maxrss " + process.resourceUsage().maxRSS + "\\n");
});`;

interface Ran {
  readonly output: string;
}

interface Timed {
  readonly ms: number;
  /** Of processors, by the server's backends. */
  readonly serverMs: number;
  /** Of processors, by Node or psql. */
  readonly clientMs: number;
  /** Node's memory at its highest. */
  readonly megabytes: number;
  readonly output: string;
}

async function measure(admin: postgres.Sql, work: () => Promise<Ran>): Promise<Timed> {
  const before = { server: await ofServer(admin), client: await ofChildren("self") };
  const started = performance.now();
  const { output } = await work();
  const ms = performance.now() - started;
  return {
    ms,
    serverMs: (await ofServer(admin)) - before.server,
    clientMs: (await ofChildren("self")) - before.client,
    megabytes: Number(/maxrss (\d+)/.exec(output)?.[1] ?? Number.NaN) / 1024,
    output,
  };
}

/** Of all backends that have ended; a client is gone before its backend is, which is waited for. */
async function ofServer(admin: postgres.Sql): Promise<number> {
  const [row] = await admin.unsafe(
    "select split_part(pg_read_file('postmaster.pid'), e'\\n', 1) as pid",
  );
  const pid = String(row?.["pid"]);
  for (;;) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    const titles = await Promise.all(
      children
        .trim()
        .split(" ")
        .map((child) => readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")),
    );
    // One is the admin's own; a process without a title is about to be waited for.
    const working = titles.filter((title) => /^$|127[.]0[.]0[.]1|autovacuum worker/.test(title));
    if (working.length === 1) return ofChildren(pid);
    await sleep(50);
  }
}

/** Milliseconds of processors that a process's children have used, those that it has waited for. */
async function ofChildren(pid: string): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // After the name in brackets; the 16th and 17th field, in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[13]) + Number(fields[14]));
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(5)} s`;
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
