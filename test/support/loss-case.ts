import { expect, test } from "vitest";
import type { MigrationProject } from "./migration-project.ts";
import { migration, withMigrations } from "./migration-project.ts";

export interface LossCase {
  readonly up: string;
  /** What happens between. */
  readonly meanwhile?: string;
  readonly down: string;
  /** Lines of the refusal, after the name of the file; none when nothing is lost. */
  readonly losses: readonly string[];
}

/** The migration of a case is applied, and the data is there. */
async function withCase({ up, meanwhile, down }: LossCase): Promise<MigrationProject> {
  const project = await withMigrations({ "001_t.sql": migration(up, down) });
  const migrated = await project.run(["migrate"]);
  if (migrated.code !== 0) throw new Error(migrated.stderr);
  if (meanwhile !== undefined) await project.sql.unsafe(meanwhile).simple();
  return project;
}

/** A test for each: a rollback refuses to lose what it should, and loses nothing else. */
export function testLosses(cases: Readonly<Record<string, LossCase>>): void {
  const entries = Object.entries(cases);
  test.each(entries.filter(([, { losses }]) => losses.length > 0))("%s", async (_name, lossy) => {
    await using project = await withCase(lossy);
    const back = await project.json(["rollback"]);
    expect(back.code).toBe(4);
    expect(back.body.error).toMatchObject({
      code: "data-loss",
      notes: [...lossy.losses.map((loss) => `001_t.sql ${loss}`), "nothing was rolled back"],
      hint: expect.stringContaining("--allow-data-loss"),
    });
    const forced = await project.json(["rollback", "--allow-data-loss"]);
    expect(forced.body.error).toBeUndefined();
    expect(forced.body.result.rolledBack[0].losses).toHaveLength(lossy.losses.length);
  });
  test.each(entries.filter(([, { losses }]) => losses.length === 0))(
    "%s",
    async (_name, harmless) => {
      await using project = await withCase(harmless);
      const back = await project.json(["rollback"]);
      expect(back.body.error).toBeUndefined();
      expect(back.code).toBe(0);
    },
  );
}
