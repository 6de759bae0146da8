/** `pgwright/testing` inside a program. */
import { expect, test } from "vitest";
import { makeTestDatabase } from "../../../src/testdb/library.ts";
import type { TestDatabaseOptions } from "../../../src/testdb/options.ts";
import { startCluster } from "../../support/cluster.ts";
import { serverUrl } from "../../support/database.ts";
import { withTestdbProject } from "../../support/testdb-project.ts";

const inside = (path: string, environment: Readonly<Record<string, string>> = {}) => ({
  workingDirectory: path,
  environment: { TEST_DATABASE_URL: serverUrl(), ...environment },
});

test("databases are dropped once, however they are dropped, with whoever is connected", async () => {
  await using project = await withTestdbProject();
  await project.result("create");
  const around = inside(project.path);
  const hooks: (() => Promise<void>)[] = [];
  const [one, two] = await Promise.all([
    makeTestDatabase({ dropIn: (drop) => hooks.push(drop) }, around),
    makeTestDatabase({}, around),
  ]);
  expect(new Set([one.name, two.name]).size).toBe(2);
  const client = project.connect(one.url);
  expect(await client`select text from notes`).toEqual([{ text: "kept" }]);
  expect(hooks).toHaveLength(1);
  await hooks[0]?.();
  await one.drop();
  await two[Symbol.asyncDispose]();
  for (const { name } of [one, two]) expect(await project.databases(name)).toEqual([]);
});

test("a URL given is stronger than TEST_DATABASE_URL, and nothing else counts", async () => {
  await using project = await withTestdbProject();
  await project.result("create");
  const nowhere = {
    TEST_DATABASE_URL: "postgres://127.0.0.1:1/x",
    PGHOST: "127.0.0.2",
    PGPORT: "1",
  };
  const db = await makeTestDatabase({ url: serverUrl() }, inside(project.path, nowhere));
  await db.drop();
  await expect(makeTestDatabase({}, inside(project.path, nowhere))).rejects.toMatchObject({
    name: "PgwrightError",
    code: "connection-failed",
  });
});

test.each<[object, string]>([
  [{ url: "" }, "variable-unresolved"],
  [{ ttl: "10 minutes" }, "usage"],
  [{ ttl: "1ms" }, "usage"],
  [{ from: "nowhere.sql" }, "usage"],
  [{ from: "schema.sql", seedScale: 1 }, "usage"],
  [{ tll: "1h" }, "usage"],
])("%j is refused", async (options, code) => {
  await using project = await withTestdbProject();
  await expect(makeTestDatabase(options, inside(project.path))).rejects.toMatchObject({ code });
});

test.each<[unknown, string]>([
  [null, "options are an object, not null"],
  ["postgres://u:secret@h/d", "options are an object, not of the type string"],
  [[], "options are an object, not an array"],
  [{ dropIn: 5 }, "`dropIn` is a function such as afterAll, not of the type number"],
  [{ dropIn: null }, "`dropIn` is a function such as afterAll, not null"],
  [{ url: new URL("postgres://u:secret@h/d") }, "`url` is a string, not of the type object"],
  [{ directory: 5 }, "`directory` is a string, not of the type number"],
  [{ from: ["a.sql"] }, "`from` is a string, not an array"],
  [{ ttl: 5 }, "`ttl` is a string, not of the type number"],
  [{ seedScale: "2" }, "`seedScale` is a number, not of the type string"],
  [{ seedScale: 0 }, "`seedScale` is above 0 and below 10000000, not 0"],
  [{ seedScale: -1 }, "`seedScale` is above 0 and below 10000000, not -1"],
  [{ seedScale: Number.NaN }, "`seedScale` is above 0 and below 10000000, not NaN"],
  [{ seedScale: Infinity }, "`seedScale` is above 0 and below 10000000, not Infinity"],
  [{ seedScale: 1e7 }, "`seedScale` is above 0 and below 10000000, not 10000000"],
])("%o is refused before a server is looked for", async (options, message) => {
  const nowhere = inside("/nowhere", { TEST_DATABASE_URL: "postgres://127.0.0.1:1/x" });
  const refused = makeTestDatabase(options as TestDatabaseOptions, nowhere);
  await expect(refused).rejects.toMatchObject({
    name: "PgwrightError",
    code: "usage",
    message: expect.stringContaining(message),
  });
  await expect(refused).rejects.not.toThrow("secret");
});

test("a database whose end could not be registered is dropped", async () => {
  await using project = await withTestdbProject();
  const { template } = await project.result("create");
  const mine = async () =>
    (await project.databases()).filter(({ comment }) =>
      comment?.includes(`"template":"${template.name}"`),
    );
  const before = await mine();
  const dropIn = () => {
    throw new Error("hooks cannot be registered here");
  };
  await expect(makeTestDatabase({ dropIn }, inside(project.path))).rejects.toThrow(
    "hooks cannot be registered here",
  );
  expect(await mine()).toEqual(before);
});

test("a server without a free connection is told before a driver is refused", async () => {
  await using cluster = await startCluster({ settings: { max_connections: "6" } });
  await using project = await withTestdbProject({}, cluster.url);
  const first = await makeTestDatabase({ url: cluster.url }, inside(project.path));
  const clients = [1, 2, 3].map(() => project.connect(first.url));
  for (const client of clients) await client`select`;
  await expect(makeTestDatabase({ url: cluster.url }, inside(project.path))).rejects.toMatchObject({
    code: "testdb-refused",
    message: expect.stringMatching(/takes 0 more connections \(max_connections 6, 3 reserved/),
    details: { hint: expect.stringContaining("raise max_connections") },
  });
});
