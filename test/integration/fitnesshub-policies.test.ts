/** FitnessHub as its own project: set up by the built command line, drifted by hand, mended. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { join } from "node:path";
import { runCommand } from "../support/cli.ts";
import { withDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

const root = join(import.meta.dirname, "..", "..");

let database: TestDatabase;

const run = (...args: string[]) =>
  runCommand(args, { cwd: root, env: { DATABASE_URL: database.url } });

async function drift(): Promise<string[]> {
  const { stdout } = await run("policies", "plan", "--json");
  const { result } = JSON.parse(stdout);
  return result.steps.map(
    ({ object, why }: { object: string; why: string }) => `${object}: ${why}`,
  );
}

/** Files of the committed handbook that are not what `docs build` would write. */
async function staleDocs(): Promise<string[]> {
  const args = "docs build --check --output docs/fitnesshub --title FitnessHub --json";
  const { stdout } = await run(...args.split(" "));
  const { findings } = JSON.parse(stdout);
  return findings.map(({ message }: { message: string }) => message);
}

/** PostgreSQL 15 writes the queries of views in another way than those after it. */
async function staleAnyway(): Promise<string[]> {
  const [row] = await database.sql`select current_setting('server_version_num')::int as version`;
  if (row?.["version"] >= 160000) return [];
  const withViews = [
    "schemas/shared.md",
    "schemas/social_service.md",
    "schemas/workout_service.md",
  ];
  return [...withViews, "index.html"].map(
    (file) => `docs/fitnesshub/${file} is not what the schema says now`,
  );
}

beforeAll(async () => {
  database = await withDatabase();
  const { code, stderr } = await run("setup", "-q");
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("setup of FitnessHub", () => {
  it("leaves nothing to do", async () => {
    expect(await drift()).toEqual([]);
    expect(await run("policies", "check")).toMatchObject({ code: 0 });
    const { findings } = JSON.parse((await run("policies", "check", "--json")).stdout);
    expect(
      findings.filter(({ rule }: { rule: string }) => rule === "policies/outside-right"),
    ).toEqual([]);
    const again = await run("setup");
    expect(again.stdout).toMatch(/everything is in place, nothing was changed/);
  });

  it("has the access that is kept in policies/access.yaml", async () => {
    const { code, stdout } = await run("policies", "test");
    expect(code, stdout).toBe(0);
  });

  it("is the schema that docs/fitnesshub describes", async () => {
    expect(await staleDocs()).toEqual(await staleAnyway());
  });

  it("stays so after the upkeep of partitions, which retires months of the log", async () => {
    const { code, stdout, stderr } = await run("partitions", "maintain", "--json");
    expect(code, stderr).toBe(0);
    const { tables } = JSON.parse(stdout).result;
    const log = tables.find(({ table }: { table: string }) => table === "shared.audit_log");
    expect(log.detached).toContain("shared.audit_log_2024_01");
    const check = await run("policies", "check");
    expect(check.code, check.stdout).toBe(0);
    expect(await drift()).toEqual([]);
    const again = await run("setup");
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toMatch(/everything is in place, nothing was changed/);
    expect(await staleDocs()).toEqual(await staleAnyway());
    // Nobody is let in, and nobody's row is seen: it is no table of anybody's.
    const [retired] = await database.sql`
      select c.relrowsecurity and c.relforcerowsecurity as "isProtected", relacl::text as acl
      from pg_class c where c.oid = 'shared.audit_log_2024_01'::regclass`;
    expect(retired?.["isProtected"]).toBe(true);
    expect(await run("policies", "test")).toMatchObject({ code: 0 });
    await database.sql`grant select on shared.audit_log_2024_01 to user_service_user`;
    expect(await drift()).toHaveLength(1);
    expect(await run("policies", "apply", "--prune")).toMatchObject({ code: 0 });
    expect(await drift()).toEqual([]);
  });

  it("is mended after an incident, and nothing else is touched", async () => {
    await database.sql.unsafe(`
      alter policy user_data_policy on user_service.users using (true);
      create policy emergency on social_service.social_posts for select to public using (true);
      grant select on shared.audit_log to user_service_user;
      alter table ai_service.ai_messages no force row level security;
      drop trigger users_audit_trigger on user_service.users;
      alter table workout_service.workouts disable trigger workouts_audit_trigger;
      grant select on user_service.users_0 to user_service_user;
      grant execute on function user_service.find_login(text) to public`);
    const found = await drift();
    expect(found).toHaveLength(8);
    const check = await run("policies", "check");
    expect(check.code).toBe(1);
    for (const part of [
      "user_data_policy",
      "emergency",
      "shared.audit_log",
      "ai_service.ai_messages",
      "users_audit_trigger",
      "workouts_audit_trigger",
      "user_service.users_0",
      "find_login",
    ]) {
      expect(check.stdout).toContain(part);
    }
    // The policy and the right that only the database has stay, and keep the answer at "no".
    const applied = await run("policies", "apply");
    expect(applied.code, applied.stderr).toBe(1);
    expect(await drift()).toHaveLength(2);
    expect(await run("policies", "apply", "--prune")).toMatchObject({ code: 0 });
    expect(await drift()).toEqual([]);
    expect(await run("policies", "test")).toMatchObject({ code: 0 });
  });
});
