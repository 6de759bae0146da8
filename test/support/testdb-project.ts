/** A small project whose test databases are its own, whatever other tests do on the server. */
import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import type { Outcome, Running } from "./cli.ts";
import { runCommand, startCommand } from "./cli.ts";
import { serverUrl } from "./database.ts";
import { withFolder } from "./folder.ts";
import { migration } from "./migration-project.ts";

export interface TestdbProject extends AsyncDisposable {
  readonly path: string;
  /** A role that nobody else has; `policies/roles.sql` may declare it. */
  readonly role: string;
  /** A superuser in the maintenance database. */
  readonly sql: postgres.Sql;
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  start(args: readonly string[]): Running;
  /** `testdb <args> --json`, its `result`; must succeed. */
  // eslint-disable-next-line typescript/no-explicit-any
  result(...args: readonly string[]): Promise<any>;
  /** Databases of this server by the pattern of LIKE, with their comments. */
  databases(pattern?: string): Promise<{ name: string; comment: string | null }[]>;
  connect(url: string): postgres.Sql;
}

/** With one migration, which makes `notes`, and no policies. */
export async function withTestdbProject(
  files: Readonly<Record<string, string>> = {},
  /** Another server than that of all tests, where nobody else makes and prunes test databases. */
  url = serverUrl(),
): Promise<TestdbProject> {
  const id = randomBytes(5).toString("hex");
  const folder = await withFolder({
    "pgwright.yaml": "migrations: {}\n",
    "migrations/001_notes.sql": migration(
      `-- ${id}\ncreate table notes (id int primary key, text text);\ninsert into notes values (1, 'kept');`,
      "drop table notes;",
    ),
    ...files,
  });
  const sql = postgres(url, { max: 3, onnotice: () => {} });
  const clients: postgres.Sql[] = [];
  const templates = new Set<string>();
  const settings = (env: Readonly<Record<string, string>> = {}) => ({
    cwd: folder.path,
    env: { TEST_DATABASE_URL: url, ...env },
  });
  const databases = (pattern = "pgwright\\_%") => sql<{ name: string; comment: string | null }[]>`
    select datname as name, shobj_description(oid, 'pg_database') as comment
    from pg_database where datname like ${pattern} order by 1`;
  return {
    path: folder.path,
    role: `testdb_${id}`,
    sql,
    write: (name, text) => writeFile(join(folder.path, name), text),
    remove: (name) => rm(join(folder.path, name)),
    run: (args, env) => runCommand(args, settings(env)),
    start: (args) => startCommand(args, settings()),
    async result(...args) {
      const outcome = await runCommand(["testdb", ...args, "--json"], settings());
      if (outcome.code !== 0) throw new Error(outcome.stderr + outcome.stdout);
      const { result } = JSON.parse(outcome.stdout);
      if (result.template) templates.add(result.template.name);
      return result;
    },
    databases: async (pattern) => [...(await databases(pattern))],
    connect(place) {
      const client = postgres(place, { max: 1, onnotice: () => {} });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.end({ timeout: 1 });
      for (const { name, comment } of await databases()) {
        const isOurs =
          templates.has(name) ||
          [...templates].some((one) => comment?.includes(`"template":"${one}"`));
        if (isOurs) await sql.unsafe(`drop database if exists "${name}" with (force)`);
      }
      await sql.unsafe(`drop role if exists testdb_${id}`);
      await sql.end({ timeout: 1 });
      await folder[Symbol.asyncDispose]();
    },
  };
}
