/** 1,000 migrations of two statements each: ours, psql, dbmate, node-pg-migrate. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { Benchmark, Place } from "./main.ts";
import type { Contender } from "./measure.ts";

const count = 1000;

export async function applyThousand({ root, serverUrl }: Place): Promise<Benchmark> {
  const folder = mkdtempSync(join(tmpdir(), "pgwright-bench-"));
  writeProjects(folder);
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const urlOf = (database: string) => serverUrl.replace(/\/postgres$/, `/${database}`);
  const fresh = (database: string) => async () => {
    await admin.unsafe(`drop database if exists ${database} with (force)`);
    await admin.unsafe(`create database ${database}`);
  };
  const psql = (file: string): Contender => ({
    name: `psql ${file}`,
    before: fresh("bench_psql"),
    command: "psql",
    args: ["-qX", "-v", "ON_ERROR_STOP=1", "-d", urlOf("bench_psql"), "-f", join(folder, file)],
  });
  return {
    title: `${count} migrations of two statements each, empty database`,
    runs: 5,
    contenders: [
      { ...psql("all.sql"), name: "psql -1 -f", args: ["-1", ...psql("all.sql").args] },
      { ...psql("floor.sql"), name: "psql, a transaction and two ledger rows per file" },
      {
        name: "pgwright migrate",
        before: fresh("bench_ours"),
        command: "node",
        args: [join(root, "bin/pgwright.cjs"), "migrate", "-q", "--url", urlOf("bench_ours")],
        directory: join(folder, "ours"),
      },
      {
        name: "dbmate up",
        before: fresh("bench_dbmate"),
        command: join(root, "node_modules/.bin/dbmate"),
        args: [
          "--no-dump-schema",
          "-d",
          "migrations",
          "-u",
          `${urlOf("bench_dbmate")}?sslmode=disable`,
          "up",
        ],
        directory: join(folder, "dbmate"),
      },
      {
        name: "node-pg-migrate up",
        before: fresh("bench_npm"),
        command: join(root, "node_modules/.bin/node-pg-migrate"),
        args: ["up", "-m", "migrations"],
        env: { DATABASE_URL: urlOf("bench_npm") },
        directory: join(folder, "npm"),
      },
    ],
    targets: ["pgwright at most 1.4 times `psql -1 -f`, and faster than both tools"],
    async cleanUp() {
      for (const database of ["bench_psql", "bench_ours", "bench_dbmate", "bench_npm"]) {
        await admin.unsafe(`drop database if exists ${database} with (force)`);
      }
      await admin.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The same statements in the layout of each tool. */
function writeProjects(folder: string): void {
  for (const tool of ["ours", "dbmate", "npm"]) {
    mkdirSync(join(folder, tool, "migrations"), { recursive: true });
  }
  const ups: string[] = [];
  for (let i = 1; i <= count; i += 1) {
    const version = String(i).padStart(4, "0");
    const up = `create table t${version} (id bigint primary key, name text not null);\ncreate index t${version}_name on t${version} (name);\n`;
    const down = `drop table t${version};\n`;
    ups.push(up);
    const marked = `-- migrate:up\n${up}\n-- migrate:down\n${down}`;
    writeFileSync(join(folder, "ours", "migrations", `${version}_t.sql`), marked);
    writeFileSync(join(folder, "dbmate", "migrations", `${version}_t.sql`), marked);
    const stamp = String(20240101000000 + i);
    writeFileSync(
      join(folder, "npm", "migrations", `${stamp}_t.sql`),
      `-- Up Migration\n${up}\n-- Down Migration\n${down}`,
    );
  }
  writeFileSync(join(folder, "all.sql"), ups.join(""));
  writeFileSync(join(folder, "floor.sql"), floor(ups));
}

/** What any runner must do at the least: a transaction per file with its ledger row and its log row. */
function floor(ups: readonly string[]): string {
  const tables =
    "create table schema_migrations (version varchar(255) primary key, applied_at timestamptz default now(), checksum varchar(64), description text);\n" +
    "create table schema_migrations_log (id bigint generated always as identity primary key, version text, up_sql text);\n";
  const files = ups.map(
    (up, i) =>
      `begin;\n${up}insert into schema_migrations (version, checksum) values ('${i}', repeat('0', 64));\ninsert into schema_migrations_log (version, up_sql) values ('${i}', $$${up}$$);\ncommit;\n`,
  );
  return tables + files.join("");
}
