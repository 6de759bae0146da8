/** Test databases of the repository's own project, rows included. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { runCommand } from "../../support/cli.ts";
import { withFolder } from "../../support/folder.ts";

const root = join(import.meta.dirname, "..", "..", "..");

// Its roles belong to the whole server.
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

test("--seeds fills the template once; each copy has the same people, and counters that are true", async () => {
  await using folder = await withFolder();
  for (const name of ["migrations", "policies", "seeds", "pgwright.yaml"]) {
    await cp(join(root, name), join(folder.path, name), { recursive: true });
  }
  const create = async () => {
    const args = ["testdb", "create", "--seeds", "--scale", "0.5", "--count", "2", "--json"];
    const env = { TEST_DATABASE_URL: cluster.url };
    const { code, stdout, stderr } = await runCommand(args, { cwd: folder.path, env });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).result;
  };
  const first = await create();
  const second = await create();
  expect([first.template.isBuilt, second.template.isBuilt]).toEqual([true, false]);
  const found = [];
  for (const { url } of [...first.databases, ...second.databases]) {
    const sql = postgres(url, { max: 1 });
    found.push(
      await sql`
        select (select count(*)::int from user_service.users) as users,
               (select md5(string_agg(u::text, '' order by id)) from user_service.users u) as people,
               (select count(*)::int from social_service.social_posts p where likes_count <>
                 (select count(*) from social_service.likes l where l.post_id = p.id)) as wrong`,
    );
    await sql.end();
  }
  expect(found).toHaveLength(4);
  expect(found[0]).toEqual([{ users: 50, people: expect.any(String), wrong: 0 }]);
  for (const one of found) expect(one).toEqual(found[0]);
}, 120_000);
