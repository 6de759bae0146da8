/** Nothing alive is lost, nothing dead stays, and what is not ours is not touched. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseName } from "../../../src/testdb/name.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { startHolder } from "../../support/testdb-holder.ts";
import { type TestdbProject, withTestdbProject } from "../../support/testdb-project.ts";

// Elsewhere whoever makes a test database prunes what has expired, which is what is tested here.
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

describe("a process that holds a database", () => {
  test("is killed: it goes when the lease is over, and not before", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    await project.result("create");
    const holder = await startHolder(project.path, "6s", cluster.url);
    await holder.kill();
    const [found] = await project.databases(holder.name);
    const expiresAt = Date.parse(/"expiresAt":"(.+?)"/.exec(found?.comment ?? "")?.[1] ?? "");
    const { dropped } = await project.result("prune");
    expect(Date.now()).toBeLessThan(expiresAt);
    expect(dropped).not.toContain(holder.name);
    await eventually(async () => {
      await project.result("prune");
      return (await project.databases(holder.name)).length === 0;
    }, "the end of the lease");
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  });

  test("lives longer than its lease: nobody takes it away", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    await project.result("create");
    const holder = await startHolder(project.path, "2s", cluster.url);
    const until = Date.now() + 7000;
    while (Date.now() < until) {
      expect((await project.result("prune")).dropped).not.toContain(holder.name);
      await sleep(300);
    }
    expect(await project.connect(holder.url)`select id from notes`).toEqual([{ id: 1 }]);
    expect(await holder.end()).toEqual({ code: 0, output: "" });
    expect(await project.databases(holder.name)).toEqual([]);
  });
});

describe("testdb create in the middle of its work", () => {
  /** Starts it and waits until it has made some of its databases; names of those it makes. */
  async function startMany(project: TestdbProject, ttl: string) {
    const { template } = await project.result("create");
    const before = new Set((await project.databases()).map(({ name }) => name));
    const running = project.start(["testdb", "create", "--count", "2000", "--ttl", ttl]);
    const made = async () =>
      (await project.databases()).filter(({ name }) => !before.has(name)).map(({ name }) => name);
    await eventually(async () => (await made()).length > 5, "some databases");
    return { running, made, template };
  }

  test("is interrupted: it takes back what it has made", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const { running, made } = await startMany(project, "1h");
    running.child.kill("SIGINT");
    const { code, stdout } = await running.done;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(await made()).toEqual([]);
  });

  test("is killed: what it has made goes when the lease is over", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const { running, made } = await startMany(project, "5s");
    running.child.kill("SIGKILL");
    await running.done;
    // The server may still be making one of which nobody hears any more; its lease is in its name.
    await eventually(
      async () =>
        (
          await project.sql`select from pg_stat_activity where query ^@ 'CREATE DATABASE' and state = 'active'`
        ).length === 0,
      "the last copy",
    );
    const names = await made();
    expect(names.length).toBeGreaterThan(5);
    await eventually(
      async () => {
        await project.result("prune");
        const left = await project.databases();
        return left.every(({ name, comment }) => !names.includes(name) || comment === null);
      },
      "the end of the leases",
      30,
    );
    // Each of the two sessions may leave one without a mark; how those go is tested below.
    const unmarked = (await made()).filter((name) => names.includes(name));
    expect(unmarked.length).toBeLessThanOrEqual(2);
  });
});

describe("prune", () => {
  test("leaves an expired database that somebody is connected to", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const { databases } = await project.result("create", "--ttl", "1s");
    const [{ name, url }] = databases;
    const client = project.connect(url);
    await client`select`;
    await sleep(1500);
    expect((await project.result("prune")).left).toContain(name);
    await client`select`;
    await client.end();
    await eventually(
      async () => (await project.result("prune")).dropped.includes(name),
      "the end of the session",
    );
  });

  test("with --dry-run prints what it would run", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const { databases } = await project.result("create", "--ttl", "1s");
    const [{ name }] = databases;
    await sleep(1500);
    const { stdout } = await project.run(["testdb", "prune", "--dry-run"]);
    expect(stdout).toContain(`DROP DATABASE ${name};\n`);
    expect(await project.databases(name)).toHaveLength(1);
  });

  test("knows a database that was never marked by its name", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const dead = databaseName("killed", 1, Date.now() - 120_000);
    const alive = databaseName("killed", 2, Date.now() + 120_000);
    for (const name of [dead, alive]) await project.sql.unsafe(`create database ${name}`);
    await project.result("prune");
    expect(await project.databases(dead)).toEqual([]);
    expect(await project.databases(alive)).toHaveLength(1);
    expect((await project.result("drop", "--run", "killed")).dropped).toEqual([alive]);
  });
});

describe("what is not ours", () => {
  test("is never dropped: without a mark, with another comment, under another name", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const { databases, run } = await project.result("create", "--count", "2", "--ttl", "1s");
    const [adopted, renamed] = databases.map(({ name }: { name: string }) => name);
    const kept = `pgwright_kept_${run}`;
    const strangers = [
      `pgwright_${run}`,
      `pgwright_${run}_7_0000000000`,
      `pgwright_template_${run}`,
      `other_${run}`,
    ];
    for (const name of strangers) await project.sql.unsafe(`create database ${name}`);
    await project.sql.unsafe(`comment on database ${adopted} is 'mine now'`);
    await project.sql.unsafe(`alter database ${renamed} rename to ${kept}`);
    expect((await project.databases(kept))[0]?.comment).toContain(`"name":"${renamed}"`);
    await sleep(1500);
    try {
      await project.result("prune");
      await project.result("drop", "--run", run);
      for (const name of [...strangers, adopted, kept]) {
        const refused = await project.run(["testdb", "drop", name]);
        expect(refused.code).toBe(4);
        expect(refused.stderr).toContain(`\`${name}\` is no test database of pgwright`);
        expect(await project.databases(name)).toHaveLength(1);
      }
    } finally {
      for (const name of [...strangers, adopted, kept]) {
        await project.sql.unsafe(`drop database if exists ${name} with (force)`);
      }
    }
  });
});

describe("drop", () => {
  test("takes names, a run, or all of mine, and leaves templates", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const first = await project.result("create", "--count", "2");
    const second = await project.result("create");
    const [one, two] = first.databases;
    await project.connect(one.url)`select`;
    expect(await project.result("drop", one.name)).toEqual({ dropped: [one.name] });
    expect(await project.result("drop", "--run", first.run)).toEqual({ dropped: [two.name] });
    const planned = await project.result("drop", "--all-of-mine", "--dry-run");
    expect(planned.dropped).toContain(second.databases[0].name);
    expect(planned.dropped).not.toContain(second.template.name);
    expect(await project.databases(second.databases[0].name)).toHaveLength(1);
    expect((await project.run(["testdb", "drop"])).code).toBe(2);
    expect(await project.result("drop", "--run", "nobody")).toEqual({ dropped: [] });
  });

  test.each([
    [["--all-of-mine", "--run", "typo"], "`--run` and `--all-of-mine`"],
    [["pgwright_a", "--run", "typo"], "names and `--run`"],
    [["pgwright_a", "--all-of-mine"], "names and `--all-of-mine`"],
  ])("%j is refused, and nothing is dropped", async (args, said) => {
    await using project = await withTestdbProject({}, cluster.url);
    const [{ name }] = (await project.result("create")).databases;
    const outcome = await project.run(["testdb", "drop", ...args]);
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code: 2, stdout: "" });
    expect(outcome.stderr).toContain(`${said} cannot be given together`);
    expect(await project.databases(name)).toHaveLength(1);
  });

  test("list shows who has what, and until when", async () => {
    await using project = await withTestdbProject({}, cluster.url);
    const { databases, template, run } = await project.result("create", "--ttl", "20min");
    const listed = (await project.result("list")).databases;
    const one = listed.find(({ name }: { name: string }) => name === databases[0].name);
    expect(one).toMatchObject({ kind: "database", run, sessions: 0, template: template.name });
    expect(one.secondsLeft).toBeGreaterThan(1000);
    expect(listed).toContainEqual(
      expect.objectContaining({ name: template.name, kind: "template" }),
    );
    const { stdout } = await project.run(["testdb", "list"]);
    expect(stdout).toMatch(new RegExp(`${databases[0].name} +database +${run} .*min`));
  });
});
