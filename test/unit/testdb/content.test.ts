import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashContent } from "../../../src/testdb/content.ts";
import { withFolder } from "../../support/folder.ts";

const server = { versionNumber: 180004, role: "ann" };
const tool = { toolVersion: "1.0.0", today: "2026-05-01" };

test("the hash follows names, bytes, settings, server, role, tool, and with partitions the day", async () => {
  await using folder = await withFolder({ "m/001_a.sql": "select 1", "m/sub/b.ts": "x" });
  const settings = { table: "ledger", role: undefined };
  const content = { directories: ["m", "p"].map((d) => join(folder.path, d)), files: [], settings };
  const seen = new Set<string>();
  const hash = async (change: object = {}, more = content, by = tool) => {
    const found = await hashContent(more, { ...server, ...change }, by);
    seen.add(found);
    return found;
  };
  const first = await hash();
  expect(await hash()).toBe(first);
  await hash({ versionNumber: 170000 });
  await hash({ role: "bob" });
  await hash({}, { ...content, settings: { ...settings, table: "other" } });
  await hash({}, content, { ...tool, toolVersion: "1.0.1" });
  expect(await hash({}, content, { ...tool, today: "2026-05-02" })).toBe(first);
  await writeFile(join(folder.path, "m/001_a.sql"), "select 2");
  await hash();
  await writeFile(join(folder.path, "m/001_a.sql"), "select 1");
  expect(await hash()).toBe(first);
  await rename(join(folder.path, "m/sub/b.ts"), join(folder.path, "m/sub/c.ts"));
  await hash();
  await mkdir(join(folder.path, "p"));
  await writeFile(join(folder.path, "p/partitions.yaml"), "{}");
  await hash();
  await hash({}, content, { ...tool, today: "2026-05-02" });
  expect(seen.size).toBe(9);
});
