import { ident } from "../../db/identifier.ts";
import { apart, bareName, describeBlock, ruleOfFacts, sqlName } from "../say.ts";

export const setNotNull = ruleOfFacts({
  name: "set-not-null",
  severity: "error",
  summary: "SET NOT NULL reads the whole table under the strongest lock",
  why: "Every row is looked at under ACCESS EXCLUSIVE. Where a valid CHECK (column IS NOT NULL) is there, PostgreSQL takes it for a proof and reads nothing; that CHECK is validated beside reads and writes. From 18 on, NOT NULL itself can be NOT VALID at first.",
  safe: "ALTER TABLE orders ADD CONSTRAINT region_there CHECK (region IS NOT NULL) NOT VALID;\n-- in another transaction\nALTER TABLE orders VALIDATE CONSTRAINT region_there;\nALTER TABLE orders ALTER COLUMN region SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT region_there;",
  squawk: ["adding-not-nullable-field"],
  facts: ["set-not-null", "add-column-virtual-required"],
  say: (effect, { model }) => {
    const { column = "" } = effect;
    const alter = `ALTER TABLE ${sqlName(effect.table)}`;
    const name = ident(`${bareName(effect.table)}_${column}_not_null`);
    const isNew = effect.fact === "add-column-virtual-required";
    return {
      message: `${sqlName(effect.table)}.${ident(column)} ${isNew ? "is new, computed and" : "becomes"} NOT NULL: ${describeBlock(effect)}`,
      hint:
        // Virtual columns came with 18.
        model.server >= 18 || isNew
          ? `${isNew ? "add the column without it, then " : ""}\`${alter} ADD CONSTRAINT ${name} NOT NULL ${ident(column)} NOT VALID;\`, then \`${alter} VALIDATE CONSTRAINT ${name};\`; ${apart}`
          : `\`${alter} ADD CONSTRAINT ${name} CHECK (${ident(column)} IS NOT NULL) NOT VALID;\`, then \`${alter} VALIDATE CONSTRAINT ${name};\` \`${alter} ALTER COLUMN ${ident(column)} SET NOT NULL;\` \`${alter} DROP CONSTRAINT ${name};\`; ${apart}`,
    };
  },
});
