/**
 * A table of 1,000,000 rows becomes a partition, and a plain table again, while others insert, update
 * and read: how long it is locked exclusively, beside a plain rename, and what others notice.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import type { Place } from "./main.ts";

const run = promisify(execFile);
const rows = 1_000_000;

const mark = "INSERT INTO marks VALUES (clock_timestamp());";

const setUp = `create table posts (id bigint generated always as identity primary key, author int not null,
    body text not null, created_at timestamptz not null default now());
  insert into posts (author, body, created_at)
    select n % 1000, repeat('x', 100), now() - n * interval '1 minute' from generate_series(1, ${rows}) n;
  create index posts_author on posts (author); create index posts_created on posts (created_at);
  create table marks (at timestamptz); create view recent as select id, body from posts;
  create function touch() returns trigger language plpgsql as 'begin new.body := new.body; return new; end';
  create trigger touch before update on posts for each row execute function touch();
  alter table posts enable row level security; create policy all_rows on posts using (true);
  analyze posts;`;

interface Phase {
  readonly name: string;
  readonly milliseconds: number;
  /** From the moment the exclusive lock was had to right before the commit. */
  readonly locked: number | undefined;
  readonly slowest: number;
}

export async function adoptMillion({ root, serverUrl }: Place): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "pgwright-bench-"));
  const url = serverUrl.replace(/\/postgres$/, "/bench_adopt");
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe("drop database if exists bench_adopt with (force)");
  await admin.unsafe("create database bench_adopt");
  const sql = postgres(url, { max: 8, onnotice: () => {} });
  writeFileSync(join(folder, "pgwright.yaml"), "migrations: {}\n");
  const pgwright = (...args: string[]) =>
    run("node", [join(root, "bin/pgwright.cjs"), ...args, "-q", "--url", url], { cwd: folder });
  let load: ReturnType<typeof startLoad> | undefined;
  try {
    await sql.unsafe(setUp);
    await pgwright("new", "--partition", "posts", "--by", "range:created_at");
    const [file = ""] = readdirSync(join(folder, "migrations"));
    markLocks(join(folder, "migrations", file));
    load = startLoad(sql);
    const running = load;
    const watch = (name: string, work: () => Promise<unknown>) => observe(sql, running, name, work);
    const phases = [
      await watch("nothing but the load", () => sql`select pg_sleep(2)`),
      await watch("a plain rename and back", () =>
        sql.unsafe(
          `lock table posts; ${mark} alter table posts rename to other; alter table other rename to posts; ${mark}`,
        ),
      ),
      await watch("pgwright migrate", () => pgwright("migrate")),
      await watch("pgwright rollback", () => pgwright("rollback")),
    ];
    const { failed, inserted } = await load.stop();
    const [counted] = await sql<{ count: number }[]>`select count(*)::int as count from posts`;
    const lost = rows + inserted - (counted?.count ?? 0);
    return tell(phases, { failed, inserted, lost });
  } finally {
    await load?.stop();
    await sql.end({ timeout: 1 });
    await admin.unsafe("drop database if exists bench_adopt with (force)");
    await admin.end();
    rmSync(folder, { recursive: true });
  }
}

function startLoad(sql: postgres.Sql) {
  const state = { isOver: false, slowest: 0, inserted: 0, failed: 0 };
  const repeat = async (work: () => Promise<unknown>) => {
    while (!state.isOver) {
      const started = performance.now();
      await work().catch(() => (state.failed += 1));
      state.slowest = Math.max(state.slowest, performance.now() - started);
    }
  };
  const anyId = () => Math.ceil(Math.random() * rows);
  const loops = [
    async () => {
      await sql`insert into posts (author, body) values (1, 'new')`;
      state.inserted += 1;
    },
    async () => sql`update posts set author = author + 1 where id = ${anyId()}`,
    async () => sql`select * from posts where id = ${anyId()}`,
    async () => sql`select * from recent where id between ${anyId()} and ${anyId()} limit 10`,
  ].map(repeat);
  return {
    state,
    async stop() {
      state.isOver = true;
      await Promise.all(loops);
      return state;
    },
  };
}

async function observe(
  sql: postgres.Sql,
  { state }: ReturnType<typeof startLoad>,
  name: string,
  work: () => Promise<unknown>,
): Promise<Phase> {
  await sql`delete from marks`;
  state.slowest = 0;
  const started = performance.now();
  await work();
  const milliseconds = performance.now() - started;
  const [mark] = await sql<{ locked: number | null }[]>`
    select extract(epoch from max(at) - min(at))::float8 * 1000 as locked from marks`;
  return { name, milliseconds, locked: mark?.locked ?? undefined, slowest: state.slowest };
}

/** Notes the time right after the exclusive lock is had and right before the commit, in either section. */
function markLocks(file: string): void {
  const lock = "LOCK TABLE public.posts IN ACCESS EXCLUSIVE MODE;\n";
  const end = "\n\n-- Nothing has this name.";
  const marked = readFileSync(file, "utf8")
    .split("-- migrate:down")
    .map((section) => {
      const [before = "", after = ""] = section.split(lock);
      const at = after.includes(end) ? after.indexOf(end) : after.trimEnd().length;
      return `${before}${lock}${mark}\n${after.slice(0, at)}\n${mark}${after.slice(at)}`;
    })
    .join("-- migrate:down");
  writeFileSync(file, marked);
}

function tell(
  phases: readonly Phase[],
  { failed, inserted, lost }: { failed: number; inserted: number; lost: number },
): string {
  const cell = (value: number | undefined) => (value?.toFixed(1) ?? "-").padStart(10);
  return [
    `${rows.toLocaleString("en-US")} rows become a partition under inserts, updates and reads (milliseconds)`,
    `${"".padEnd(25)}${["total", "locked", "slowest"].map((title) => title.padStart(10)).join("")}`,
    ...phases.map(
      ({ name, milliseconds, locked, slowest }) =>
        `${name.padEnd(25)}${cell(milliseconds)}${cell(locked)}${cell(slowest)}`,
    ),
    "locked: from the moment the ACCESS EXCLUSIVE lock is had to right before the commit, by the server's",
    `clock; slowest: the longest statement of four sessions. ${inserted.toLocaleString("en-US")} rows inserted meanwhile.`,
    `failed statements: ${failed}, lost rows: ${lost}`,
    "target: no failed statement, no lost row, a lock of well under a second",
  ].join("\n");
}
