import { expect, test } from "vitest";
import { plainStyle } from "../../../src/cli/render/style.ts";
import { createView } from "../../../src/cli/render/view.ts";
import { policiesTest } from "../../../src/commands/policies/test.ts";

const view = createView(plainStyle, 80, false);
const result = { roles: ["a", "b"], relations: 1, probes: 1200, findings: [] };
const tried = "2 roles, 1 relation, 1,200 probes";

test.for([
  ["equal", "Rights are as policies/access.yaml says"],
  ["differs", "Rights are not as policies/access.yaml says"],
  ["missing", "There is no policies/access.yaml to compare with"],
  ["created", "Wrote policies/access.yaml"],
  ["changed", "Updated policies/access.yaml"],
  ["unchanged", "policies/access.yaml is up to date"],
])("%s", ([state, says]) => {
  const file = { path: "policies/access.yaml", state };
  expect(policiesTest.text({ ...result, file }, view, {})).toBe(`${says}\n${tried}`);
});

test("a dry run prints the file, and a test that could not be made nothing", () => {
  const file = { path: "policies/access.yaml", state: "created" };
  const text = "rows: {}\n";
  expect(policiesTest.text({ ...result, file, text }, view, { dryRun: true })).toBe(text);
  expect(policiesTest.text({ ...result, probes: 0, file }, view, {})).toBe("");
});
