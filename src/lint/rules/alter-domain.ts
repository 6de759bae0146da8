import { ident } from "../../db/identifier.ts";
import { as, stringsOf } from "../../db/tree.ts";
import { describeBlock, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

export const alterDomain: LintRule = {
  name: "alter-domain",
  severity: "error",
  summary: "a new constraint of a domain reads every table that uses it, in one transaction",
  why: "Every table with a column of the domain is locked against writes (SHARE) and read, one after the other, and all locks are held to the end; rows that other transactions have written and not committed are not seen. With NOT VALID nothing is locked or read, and new values are checked from then on. VALIDATE CONSTRAINT reads the tables under the same SHARE up to PostgreSQL 18, but in a transaction and at a time of its own. A CHECK on the table instead of the domain is validated beside writes.",
  safe: "ALTER DOMAIN price ADD CONSTRAINT price_positive CHECK (value > 0) NOT VALID;\n-- in another transaction, when transactions from before have ended, at a quiet time\nALTER DOMAIN price VALIDATE CONSTRAINT price_positive;",
  squawk: ["ban-alter-domain-with-add-constraint"],
  kinds: ["AlterDomainStmt"],
  judge: (step) => {
    const alter = nodeOf(step, "AlterDomainStmt");
    const constraint = as(alter?.def, "Constraint");
    const isNotNull = alter?.subtype === "O" || constraint?.contype === "CONSTR_NOTNULL";
    const isAdded = alter?.subtype === "C" && !constraint?.skip_validation;
    if (!alter || (!isNotNull && !isAdded && alter.subtype !== "V")) return [];
    const domain = stringsOf(alter.typeName).join(".");
    const name = ident(
      constraint?.conname ?? `${domain.split(".").at(-1)}_${isNotNull ? "not_null" : "check"}`,
    );
    const shown = sqlName(domain);
    const check = isNotNull ? "CHECK (value IS NOT NULL)" : "CHECK (…)";
    const hint = `\`ALTER DOMAIN ${shown} ADD CONSTRAINT ${name} ${check} NOT VALID;\`, then \`ALTER DOMAIN ${shown} VALIDATE CONSTRAINT ${name};\` in another transaction at a quiet time; or a CHECK on each table, which is validated beside writes`;
    const { effects, model } = step;
    if (alter.subtype === "V") {
      return effects.map((effect) => ({
        table: effect.table,
        isBySize: true,
        severity: "info" as const,
        message: `values of ${shown} are checked: ${describeBlock(effect)}`,
        hint: "run it at a quiet time, in a transaction of its own",
      }));
    }
    const what = `a constraint of ${shown} is checked for every value`;
    if (effects.length > 0) {
      return effects.map((effect) => ({
        table: effect.table,
        isBySize: true,
        message: `${what}: ${describeBlock(effect)}`,
        hint,
      }));
    }
    // A domain that was made here is used by no table that nobody told of.
    if (model.isWhole || model.find(model.domains, domain)) return [];
    return [
      {
        object: domain,
        message: `${what}: nobody can write tables with a column of it while they are read (SHARE); which those are is not known here, \`--url\` looks it up`,
        hint,
      },
    ];
  },
};
