/** `pgwright/testing` on a server that testcontainers has started, as docs/testing.md shows it. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { makeTestDatabase } from "../../../src/testdb/library.ts";
import { withTestdbProject } from "../../support/testdb-project.ts";

const image = process.env["PGWRIGHT_TEST_IMAGE"] ?? "postgres:18";

/** Why there is no container, in docker's own words; nothing is downloaded for this test. */
function whatIsMissing(): string | undefined {
  const { status, stderr, error } = spawnSync("docker", ["image", "inspect", image], {
    encoding: "utf8",
    timeout: 20_000,
  });
  if (status === 0) return undefined;
  return `needs a Docker engine with ${image}: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
}

const missing = whatIsMissing();
if (missing !== undefined)
  process.stderr.write(`SKIPPED: the test with testcontainers ${missing}\n`);

test("a database is made on a container and dropped again", async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const { startContainer } = await import("../../support/container.ts");
  const container = await startContainer(image);
  try {
    await using project = await withTestdbProject({}, container.url);
    const around = {
      workingDirectory: project.path,
      // It must not be what the environment says.
      environment: { TEST_DATABASE_URL: "postgres://127.0.0.1:1/nowhere" },
    };
    const db = await makeTestDatabase({ url: container.url }, around);
    expect(new URL(db.url).port).toBe(new URL(container.url).port);
    const client = project.connect(db.url);
    expect(await client`select text from notes`).toEqual([{ text: "kept" }]);
    await db.drop();
    expect(await project.databases(db.name)).toEqual([]);
  } finally {
    await container.stop();
  }
});
