/** Cold starts: how long a person or a CI job waits for an answer that needs no work. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import postgres from "postgres";
import type { Benchmark, Place } from "./main.ts";

export async function coldStart({ root, serverUrl }: Place): Promise<Benchmark> {
  const folder = mkdtempSync(join(tmpdir(), "pgwright-bench-"));
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const urlOf = (database: string) => serverUrl.replace(/\/postgres$/, `/${database}`);
  const databases = ["bench_ours", "bench_dbmate", "bench_npm"];
  for (const database of databases) {
    await admin.unsafe(`drop database if exists ${database} with (force)`);
    await admin.unsafe(`create database ${database}`);
  }
  for (const tool of ["ours", "dbmate", "npm"]) {
    mkdirSync(join(folder, tool, "migrations"), { recursive: true });
  }
  for (let i = 1; i <= 20; i += 1) {
    const version = String(20240101000000 + i);
    const up = `create table t${i} (id bigint primary key);\n`;
    const marked = `-- migrate:up\n${up}\n-- migrate:down\ndrop table t${i};\n`;
    writeFileSync(join(folder, "ours", "migrations", `${version}_t.sql`), marked);
    writeFileSync(join(folder, "dbmate", "migrations", `${version}_t.sql`), marked);
    writeFileSync(
      join(folder, "npm", "migrations", `${version}_t.sql`),
      `-- Up Migration\n${up}\n-- Down Migration\ndrop table t${i};\n`,
    );
  }
  writeFileSync(join(folder, "ours", "pgwright.yaml"), "migrations:\n  directory: migrations\n");
  const ours = join(root, "bin/pgwright.cjs");
  const dbmate = {
    command: join(root, "node_modules/.bin/dbmate"),
    args: [
      "--no-dump-schema",
      "-d",
      "migrations",
      "-u",
      `${urlOf("bench_dbmate")}?sslmode=disable`,
    ],
    directory: join(folder, "dbmate"),
  };
  const npm = {
    command: join(root, "node_modules/.bin/node-pg-migrate"),
    env: { DATABASE_URL: urlOf("bench_npm") },
    directory: join(folder, "npm"),
  };
  const prepare = (command: string, args: readonly string[], directory: string, env = {}) => {
    const { status, stderr } = spawnSync(command, [...args], {
      cwd: directory,
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${command}: ${stderr}`);
  };
  prepare("node", [ours, "migrate", "-q", "--url", urlOf("bench_ours")], join(folder, "ours"));
  prepare(dbmate.command, [...dbmate.args, "up"], dbmate.directory);
  prepare(npm.command, ["up", "-m", "migrations"], npm.directory, npm.env);
  return {
    title: "cold start, 20 migrations applied and nothing pending",
    runs: 15,
    contenders: [
      { name: "node -e 0", command: "node", args: ["-e", "0"] },
      { name: "pgwright --version", command: "node", args: [ours, "--version"] },
      { name: "pgwright --help", command: "node", args: [ours, "--help"] },
      {
        name: "pgwright status",
        command: "node",
        args: [ours, "status", "--url", urlOf("bench_ours")],
        directory: join(folder, "ours"),
      },
      { name: "dbmate status", ...dbmate, args: [...dbmate.args, "status"] },
      { name: "node-pg-migrate up", ...npm, args: ["up", "-m", "migrations"] },
    ],
    targets: [
      "--version at most 1.6 times `node -e 0`",
      "status faster than node-pg-migrate's no-op, and at most 1.5 times dbmate's",
    ],
    async cleanUp() {
      for (const database of databases) {
        await admin.unsafe(`drop database if exists ${database} with (force)`);
      }
      await admin.end();
      rmSync(folder, { recursive: true });
    },
  };
}
