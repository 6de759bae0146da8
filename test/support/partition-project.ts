/** A project with partitioned tables, for tests of `pgwright partitions`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readPartitions } from "../../src/policies/partitions/declared.ts";
import type { MaintainOptions, MaintainResult } from "../../src/policies/partitions/maintain.ts";
import { maintain } from "../../src/policies/partitions/maintain.ts";
import { connectTo } from "./connection.ts";
import type { MigrationProject } from "./migration-project.ts";
import { withMigrations } from "./migration-project.ts";

export interface PartitionProject extends MigrationProject {
  /** Writes policies/partitions.yaml. */
  declare(yaml: string): Promise<void>;
  /** `partitions maintain --json` with these arguments; its tables by name. */
  // eslint-disable-next-line typescript/no-explicit-any
  maintain(...args: readonly string[]): Promise<{ code: number | null; tables: any[]; body: any }>;
  /** The same within this process, which starts no other. */
  maintainHere(options?: Partial<MaintainOptions>): Promise<MaintainResult>;
  /** Names and bounds of the partitions of a table in order of their names. */
  leaves(table: string): Promise<{ name: string; bound: string }[]>;
}

/** An empty database in which `sql` has been run. */
export async function withPartitions(sql: string, yaml: string): Promise<PartitionProject> {
  const project = await withMigrations({});
  await project.sql.unsafe(sql);
  const declare = async (text: string) => {
    await mkdir(join(project.path, "policies"), { recursive: true });
    await writeFile(join(project.path, "policies", "partitions.yaml"), text);
  };
  await declare(yaml);
  return {
    ...project,
    declare,
    async maintain(...args) {
      const { code, body, stderr } = await project.json(["partitions", "maintain", ...args]);
      if (body.result === undefined) throw new Error(`${JSON.stringify(body)}\n${stderr}`);
      return { code, body, tables: body.result.tables };
    },
    maintainHere: (options = {}) =>
      maintainOn(project.database.url, join(project.path, "policies"), options),
    async leaves(table) {
      return [
        ...(await project.sql<{ name: string; bound: string }[]>`
          select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
          from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = ${table}::regclass order by 1`),
      ];
    },
  };
}

/** `partitions maintain` on a database, by the partitions.yaml in a directory. */
export async function maintainOn(
  url: string,
  directory: string,
  options: Partial<MaintainOptions> = {},
): Promise<MaintainResult> {
  const { declared } = await readPartitions(directory);
  if (!declared) throw new Error("partitions.yaml has mistakes");
  return maintain({
    declared,
    allowDataLoss: false,
    batchRows: 10_000,
    open: (need) => connectTo(url, { writes: need.writes }),
    ledger: { schema: "public", table: "pgwright_migrations" },
    role: undefined,
    isProtected: false,
    lockTimeoutMs: 1000,
    lockBudgetMs: 60_000,
    lockWaitMs: 60_000,
    statementTimeoutMs: 0,
    author: { host: "test", toolVersion: "0" },
    events: () => {},
    ...options,
  });
}
