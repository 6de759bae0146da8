import { expect, test } from "vitest";
import { stages, type SchemaObject, type Stage } from "../../../src/schema/object.ts";
import { compareKeys, inCycles, sortObjects } from "../../../src/schema/order.ts";

function object(label: string, more: Partial<SchemaObject> = {}): SchemaObject {
  return {
    label,
    addresses: [label],
    stage: stages.tables,
    section: "s",
    key: [label],
    block: label,
    statements: () => [label],
    ...more,
  };
}

function sort(objects: SchemaObject[], needs: Record<string, string[]> = {}) {
  const byLabel = new Map(objects.map((entry) => [entry.label, entry]));
  const needed = (entry: SchemaObject) =>
    new Set((needs[entry.label] ?? []).map((label) => byLabel.get(label) ?? object("?")));
  const { placed, stuck } = sortObjects(objects, needed);
  return {
    labels: placed.map((entry) => entry.object.label),
    stages: new Map<string, Stage>(placed.map((entry) => [entry.object.label, entry.stage])),
    stuck: [...inCycles(stuck, needed)].map((entry) => entry.label),
  };
}

test("by stage, section and key, whatever the order given", () => {
  const objects = [
    object("b"),
    object("a", { section: "z" }),
    object("c"),
    object("f", { stage: stages.definitions, section: "z" }),
  ];
  expect(sort(objects).labels).toEqual(["f", "b", "c", "a"]);
  expect(sort(objects.toReversed()).labels).toEqual(["f", "b", "c", "a"]);
});

test("what is needed comes first", () => {
  expect(sort([object("a"), object("b"), object("c")], { a: ["c"] }).labels).toEqual([
    "b",
    "c",
    "a",
  ]);
});

test("a block is not torn apart by what its table sets free", () => {
  const parent = object("z", { key: ["z", 1] });
  const index = object("z index", { key: ["z", 2], block: "z", isPart: true });
  const child = object("a child");
  expect(sort([parent, index, child], { "a child": ["z"], "z index": ["z"] }).labels).toEqual([
    "z",
    "z index",
    "a child",
  ]);
});

test("a part that waits for another block stands at the end", () => {
  const table = object("a", { key: ["a", 1] });
  const policy = object("a policy", { key: ["a", 2], block: "a", isPart: true });
  const { labels, stages: placed } = sort([table, policy, object("b"), object("c")], {
    "a policy": ["a", "b"],
  });
  expect(labels).toEqual(["a", "b", "c", "a policy"]);
  expect(placed.get("a policy")).toBe(stages.postponed);
});

test("a function that needs a table stands with the views", () => {
  const { labels, stages: placed } = sort(
    [
      object("f", { stage: stages.definitions }),
      object("a"),
      object("b"),
      object("v", { stage: stages.views }),
    ],
    { f: ["a"], v: ["f"] },
  );
  expect(labels).toEqual(["a", "b", "f", "v"]);
  expect(placed.get("f")).toBe(stages.views);
});

test("a circle is found, without what only waits for it", () => {
  const { labels, stuck } = sort(
    ["a", "b", "c", "d", "e"].map((label) => object(label)),
    {
      a: ["b"],
      b: ["c"],
      c: ["a"],
      d: ["a"],
    },
  );
  expect(labels).toEqual(["e"]);
  expect(stuck).toEqual(["a", "b", "c"]);
});

test("keys compare element by element, numbers before strings", () => {
  const keys = [["b"], ["a", 2], [1, "z"], ["a"], ["a", "x"], [10], [2]];
  expect(keys.toSorted(compareKeys)).toEqual([
    [1, "z"],
    [2],
    [10],
    ["a"],
    ["a", 2],
    ["a", "x"],
    ["b"],
  ]);
});
