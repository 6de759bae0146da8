/** Leases and CREATE DATABASE need sessions of their own: behind a transaction pooler nothing is made. */
import { describe, expect, test } from "vitest";
import { makeTestDatabase } from "../../../src/testdb/library.ts";
import { serverUrl } from "../../support/database.ts";
import { hasPooler, withPooler } from "../../support/pooler.ts";
import { withTestdbProject } from "../../support/testdb-project.ts";

if (!hasPooler) {
  process.stderr.write(
    "SKIPPED: pgbouncer is not installed, testdb behind a pooler is not tested\n",
  );
}

describe.skipIf(!hasPooler)("behind PgBouncer", () => {
  test("create, list and prune are refused, with the way out, and nothing is made", async () => {
    await using pooler = await withPooler(3);
    await using project = await withTestdbProject();
    const url = pooler.urlOf(serverUrl());
    for (const command of [["create", "--count", "3"], ["list"], ["prune"]]) {
      const outcome = await project.run(["testdb", ...command, "--url", url]);
      expect(outcome.code, outcome.stderr).toBe(4);
      expect(outcome.stderr).toContain("error[pooler-refused]: test databases need a direct");
      expect(outcome.stderr).toContain("name the server itself, with `--url` or TEST_DATABASE_URL");
    }
    const planned = await project.run(["testdb", "create", "--dry-run"]);
    const [name = ""] = /pgwright_template_[0-9a-f]+/.exec(planned.stdout) ?? [];
    expect(await project.databases(name)).toEqual([]);
    await expect(
      makeTestDatabase({ url }, { workingDirectory: project.path, environment: {} }),
    ).rejects.toMatchObject({ code: "pooler-refused" });
  });

  test("with --direct-url beside it, databases are made on the server itself", async () => {
    await using pooler = await withPooler(3);
    await using project = await withTestdbProject();
    const through = pooler.urlOf(serverUrl());
    const { databases } = await project.result(
      "create",
      "--url",
      through,
      "--direct-url",
      serverUrl(),
    );
    const [{ url }] = databases;
    expect(new URL(url).port).toBe(new URL(serverUrl()).port);
    expect(await project.connect(url)`select text from notes`).toEqual([{ text: "kept" }]);
  });
});
