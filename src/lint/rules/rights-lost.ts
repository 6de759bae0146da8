import type { Statement } from "../../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

/** What is dropped and made again in one file comes back without its rights. */
export const rightsLost: LintRule = {
  name: "rights-lost",
  severity: "warning",
  summary: "a view or function is dropped and made again, without its GRANTs",
  why: "Rights go with the object. CREATE OR REPLACE keeps them, as long as columns are only added at the end, or arguments and result stay; otherwise the file must grant them anew. What policies/ declares is brought back by `policies apply`.",
  safe: "CREATE OR REPLACE VIEW open_orders AS SELECT …;\n-- or\nDROP VIEW open_orders;\nCREATE VIEW open_orders AS SELECT …;\nGRANT SELECT ON open_orders TO app;",
  kinds: ["DropStmt"],
  judge: (step) => {
    const drop = nodeOf(step, "DropStmt");
    if (
      !drop ||
      !["OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FUNCTION"].includes(drop.removeType ?? "")
    ) {
      return [];
    }
    return (drop.objects ?? []).flatMap((object) => {
      const args = as(object, "ObjectWithArgs");
      const name = stringsOf(as(object, "List")?.items ?? args?.objname).join(".");
      const isMadeAgain = step.file.hasBehind(step.statement, made, name);
      if (!isMadeAgain || step.file.hasBehind(step.statement, granted, name)) return [];
      return [
        {
          object: name,
          message: `${sqlName(name)} is dropped and made again: nobody but its owner may use it then`,
          hint: "CREATE OR REPLACE keeps the rights, where it can be had; otherwise GRANT them again in this file, or declare them in policies/",
        },
      ];
    });
  },
};

function made({ node }: Statement): string[] {
  const relation = as(node, "ViewStmt")?.view ?? as(node, "CreateTableAsStmt")?.into?.rel;
  if (relation) return [relationName(relation)];
  const create = as(node, "CreateFunctionStmt");
  return create ? [stringsOf(create.funcname).join(".")] : [];
}

function granted({ node }: Statement): string[] {
  const grant = as(node, "GrantStmt");
  if (grant?.is_grant !== true) return [];
  // ON ALL TABLES IN SCHEMA names schemas.
  return [
    ...allOf(grant.objects, "RangeVar").map(relationName),
    ...allOf(grant.objects, "ObjectWithArgs").map(({ objname }) => stringsOf(objname).join(".")),
  ];
}
