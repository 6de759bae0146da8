import { expect, test } from "vitest";
import { plainStyle } from "../../../src/cli/render/style.ts";
import { createView } from "../../../src/cli/render/view.ts";
import { init } from "../../../src/commands/init.ts";
import { planInit } from "../../../src/init/plan.ts";
import { withFolder } from "../../support/folder.ts";

const view = createView(plainStyle, 80, false);

test("names every file, what surprises, and what to type next", async () => {
  await using folder = await withFolder({ "migrations/001_a.sql": "", ".gitignore": ".env\n" });
  const plan = await planInit(folder.path);
  const result = { ...plan, isDryRun: false, typedDirectory: "shop", notes: ["PGHOST is set"] };
  expect(init.text(result, view, {}).split("\n")).toEqual([
    "kept     migrations/",
    "created  policies/",
    "created  seeds/",
    "changed  .gitignore (.pgwright/)",
    "created  pgwright.yaml",
    "",
    "note: PGHOST is set",
    "",
    "next: cd shop",
    "      pgwright validate",
    "      pgwright migrate",
  ]);
});

test("what is to be typed next is quoted for the shell", async () => {
  await using folder = await withFolder();
  const plan = await planInit(folder.path);
  const result = { ...plan, isDryRun: false, typedDirectory: "my shop/x", notes: [] };
  expect(init.text(result, view, {})).toContain("next: cd 'my shop/x'\n");
});

test("a dry run shows the file instead", async () => {
  await using folder = await withFolder();
  const plan = await planInit(folder.path);
  const text = init.text({ ...plan, isDryRun: true, notes: [] }, view, {});
  expect(text).toMatch(/^would create  migrations\/\n/);
  expect(text).toContain("\n\npgwright.yaml\n# Settings of this project.");
  expect(text).not.toContain("next:");
});

test("whoever stands in the folder is not told to go there", async () => {
  await using folder = await withFolder();
  const context = {
    workingDirectory: folder.path,
    environment: {},
  } as unknown as Parameters<typeof init.run>[0];
  const result = await init.run(context, { dryRun: true }, ".");
  expect(result).not.toHaveProperty("typedDirectory");
  expect(await init.run(context, { dryRun: true }, "shop")).toHaveProperty(
    "typedDirectory",
    "shop",
  );
});
