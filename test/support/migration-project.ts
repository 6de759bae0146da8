import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outcome, Running } from "./cli.ts";
import { runCommand, startCommand } from "./cli.ts";
import type { TestDatabase } from "./database.ts";
import { withDatabase } from "./database.ts";
import { withFolder } from "./folder.ts";

export interface MigrationProject extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly sql: TestDatabase["sql"];
  /** Folder with pgwright.yaml and migrations/; its name has a space. */
  readonly path: string;
  /** Writes a migration. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Runs a command on the database of the project; `url` replaces that. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** The same, for what must succeed before the test proper begins. */
  mustRun(args: readonly string[]): Promise<void>;
  /** The same with `--json`, parsed. */
  json(args: readonly string[], options?: RunOptions): Promise<JsonOutcome>;
  start(args: readonly string[], options?: RunOptions): Running;
}

export interface RunOptions {
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a command prints with `--json`; the shape is asserted where it matters. */
export interface JsonOutcome extends Outcome {
  // eslint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface ProjectOptions {
  readonly yaml?: string;
  readonly template?: string;
}

/** An up and a down section. */
export function migration(up: string, down: string): string {
  return `-- migrate:up\n${up}\n-- migrate:down\n${down}\n`;
}

/** A project with these files in migrations/, and an empty database for it. */
export async function withMigrations(
  files: Readonly<Record<string, string>>,
  options: ProjectOptions = {},
): Promise<MigrationProject> {
  const database = await withDatabase(
    options.template === undefined ? {} : { template: options.template },
  );
  const folder = await withFolder({
    "pgwright.yaml": options.yaml ?? "migrations: {}\n",
    ...Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`migrations/${name}`, text]),
    ),
  });
  // Not --url, so that what is shown as typed is the whole of it.
  const settings = ({ url = database.url, env }: RunOptions) => ({
    cwd: folder.path,
    env: { DATABASE_URL: url, ...env },
  });
  return {
    database,
    sql: database.sql,
    path: folder.path,
    write: (name, text) => writeFile(join(folder.path, "migrations", name), text),
    remove: (name) => rm(join(folder.path, "migrations", name)),
    run: (args, run = {}) => runCommand(args, settings(run)),
    async mustRun(args) {
      const outcome = await runCommand(args, settings({}));
      if (outcome.code !== 0) throw new Error(outcome.stderr);
    },
    async json(args, run = {}) {
      const outcome = await runCommand([...args, "--json"], settings(run));
      try {
        return { ...outcome, body: JSON.parse(outcome.stdout) };
      } catch (cause) {
        throw new Error(`no JSON: ${outcome.stdout}\n${outcome.stderr}`, { cause });
      }
    },
    start: (args, run = {}) => startCommand(args, settings(run)),
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
