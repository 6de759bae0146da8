/** Types as they are written. */
import { beforeAll, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { as } from "../../../src/db/tree.ts";
import { typeOf } from "../../../src/locks/column.ts";

beforeAll(loadParser);

test.each([
  ["timestamptz", []],
  ["timestamptz(0)", [0]],
  ["time(6)", [6]],
  ["numeric(10, 0)", [10, 0]],
  ["varchar(20)", [20]],
])("%s has the modifiers %j", (type, modifiers) => {
  const cast = as(parseScript(`select null::${type}`)[0]?.node, "SelectStmt")?.targetList?.[0];
  const typeName = as(as(cast, "ResTarget")?.val, "TypeCast")?.typeName;
  expect(typeOf(typeName).modifiers).toEqual(modifiers);
});
