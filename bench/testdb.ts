/** A hundred test databases beside a hundred bare CREATE DATABASE … TEMPLATE of the same template. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import postgres from "postgres";
import type { Benchmark, Place } from "./main.ts";

const count = 100;

export async function testDatabases({ root, serverUrl }: Place): Promise<Benchmark> {
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const ours = join(root, "bin/pgwright.cjs");
  const env = { TEST_DATABASE_URL: serverUrl };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [ours, "testdb", "create", "--json"],
    { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr + stdout);
  const template: string = JSON.parse(stdout).result.template.name;
  const empty = async () => {
    const databases = await admin<{ name: string }[]>`
      select datname as name from pg_database
      where datname like 'bare\\_%' or (datname like 'pgwright\\_%' and datname <> ${template})`;
    for (const { name } of databases) await admin.unsafe(`drop database ${name}`);
    // What one contender leaves for the next checkpoint is not the other's to write.
    await admin`checkpoint`;
  };
  await empty();
  const [{ bytes } = { bytes: 0 }] = await admin<{ bytes: number }[]>`
    select pg_database_size(${template})::float8 as bytes`;
  const names = Array.from({ length: count }, (_, i) => `bare_${i}`);
  const bare = `
    import postgres from ${JSON.stringify(import.meta.resolve("postgres"))};
    const sql = postgres(${JSON.stringify(serverUrl)}, { max: 1 });
    for (const name of ${JSON.stringify(names)})
      await sql.unsafe(\`create database \${name} template ${template} strategy wal_log\`);
    await sql.end();`;
  return {
    title: `${count} copies of FitnessHub, a template of ${(bytes / 1024 ** 2).toFixed(0)} MB`,
    runs: 3,
    contenders: [
      {
        name: "CREATE DATABASE … TEMPLATE",
        before: empty,
        command: "node",
        args: ["--input-type=module", "-e", bare],
        directory: root,
      },
      {
        name: `pgwright testdb create --count ${count}`,
        before: empty,
        command: "node",
        args: [ours, "testdb", "create", "--count", String(count)],
        env,
        directory: root,
      },
    ],
    targets: ["at most 1.2 times the bare statements"],
    async remarks() {
      const { stdout: sql } = spawnSync(process.execPath, [ours, "testdb", "create", "--dry-run"], {
        cwd: root,
        env: { ...process.env, ...env },
        encoding: "utf8",
      });
      return [`${sql.split(";\n").length - 1} statements for each copy, in two messages`];
    },
    async cleanUp() {
      await empty();
      await admin.unsafe(`alter database ${template} allow_connections true`);
      await admin.unsafe(`drop database ${template}`);
      await admin.end();
    },
  };
}
