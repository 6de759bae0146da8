/** A history with every kind of broken rollback: each is found, and none is invented. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import type { JsonOutcome, MigrationProject } from "../../support/migration-project.ts";
import { withMigrations } from "../../support/migration-project.ts";
import { history } from "../../support/rollback-history.ts";

interface Text {
  readonly text: string;
}

let project: MigrationProject;
let outcome: JsonOutcome;

const env = { TEST_DATABASE_URL: serverUrl() };

beforeAll(async () => {
  project = await withMigrations(
    Object.fromEntries(Object.entries(history).map(([name, { text }]) => [name, text])),
  );
  outcome = await project.json(["test", "--data"], { env });
  if (outcome.body.error) throw new Error(outcome.stdout);
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

test("says no, and has tried all of it", () => {
  expect(outcome.code).toBe(1);
  expect(outcome.body.result.notTested).toEqual([]);
});

describe.each(Object.entries(history))("%s", (name, entry) => {
  const resultOf = () =>
    outcome.body.result.migrations.find(({ file }: { file: string }) => file === name);

  test(`is ${entry.verdict}`, () => {
    const one = resultOf();
    expect(one.verdict).toBe(entry.verdict);
    const texts = one.differences.map(({ text }: Text) => text);
    expect(texts.toSorted()).toEqual((entry.differences ?? []).toSorted());
  });

  test(`is ${entry.data ?? "lossless"} with rows`, () => {
    const { data } = resultOf();
    expect(data?.verdict ?? null).toBe(entry.data === undefined ? "lossless" : entry.data);
    const texts = data?.changes.map(({ text }: Text) => text) ?? [];
    expect(texts.toSorted()).toEqual(entry.changes?.toSorted() ?? []);
    const newTexts: string[] = data?.newChanges.map(({ text }: Text) => text) ?? [];
    expect(newTexts).toEqual(
      (entry.newChanges ?? []).map((text) => expect.stringContaining(text) as string),
    );
    const additions = data?.additions.map(({ object }: { object: string }) => object) ?? [];
    expect(additions).toEqual(entry.additions ?? []);
    const notTried = data?.notTried.map(({ what }: { what: string }) => what) ?? [];
    expect(notTried).toEqual(entry.notTried ?? []);
  });

  test("has these findings and no others", () => {
    const rules = outcome.body.findings
      .filter(({ message }: { message: string }) => message.includes(`\`${name}\``))
      .map(({ rule }: { rule: string }) => rule);
    expect(rules).toEqual(entry.rules);
  });
});

test("a row of a migration has others beside it, or is told to be alone", async () => {
  const { data } = outcome.body.result.migrations.find(
    ({ version }: { version: string }) => version === "027",
  );
  expect(data.kept).toEqual([{ table: "app.manner", rows: 1 }]);
  const { stdout } = await project.run(["test", "--data", "--only", "27"], { env });
  expect(stdout).toMatch(/after; app\.manner with only the 1 row that migrations wrote\) /);
});

test("what no row could be made for stands beside the verdict, with the reason in JSON", async () => {
  const entry = outcome.body.result.migrations.find(
    ({ version }: { version: string }) => version === "047",
  );
  expect(entry.data.notTried).toEqual([
    {
      what: "a value of app.rules.age that is too large for integer",
      reason: 'new row for relation "rules" violates check constraint "aged"',
    },
  ]);
  const { stdout } = await project.run(["test", "--data", "--only", "47"], { env });
  expect(stdout).toContain("; not tried: a value of app.rules.age that is too large for integer) ");
});
