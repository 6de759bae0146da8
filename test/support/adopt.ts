/** A project whose database has one filled table, for `new --partition`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MigrationProject } from "./migration-project.ts";
import { withMigrations } from "./migration-project.ts";
import { dump } from "./dump.ts";

export interface AdoptProject extends MigrationProject {
  /** Runs `new --partition` and gives back the file's text. */
  adopt(table: string, ...options: string[]): Promise<string>;
  /** The schema without the ledger. */
  schema(): Promise<string>;
}

export async function withTable(setUp: string): Promise<AdoptProject> {
  const project = await withMigrations({});
  await project.sql.unsafe(setUp);
  return {
    ...project,
    async adopt(table, ...options) {
      const args = ["new", "--partition", table, "--by", "range:created_at", ...options];
      const { code, body, stderr } = await project.json(args);
      if (code !== 0) throw new Error(`${JSON.stringify(body, null, 1)}\n${stderr}`);
      return readFile(join(project.path, body.result.shownPath), "utf8");
    },
    async schema() {
      const ledger = { schema: "public", table: "schema_migrations", content: "none" } as const;
      return (await dump(project.database, { ledger })).sql;
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}
