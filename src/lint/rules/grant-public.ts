import { ident } from "../../db/identifier.ts";
import type { Tree } from "../../db/script.ts";
import { allOf, relationName, stringsOf } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";
import { isTemporary } from "../temporary.ts";

type Target = NonNullable<Tree.GrantStmt["objtype"]>;

/** What may be changed with it, by the kind of object; ALL holds these too. */
const changing: Partial<Record<Target, readonly string[]>> = {
  OBJECT_TABLE: ["insert", "update", "delete", "truncate", "references", "trigger", "maintain"],
  // USAGE is nextval(), too.
  OBJECT_SEQUENCE: ["update", "usage"],
  OBJECT_SCHEMA: ["create"],
  OBJECT_DATABASE: ["create"],
  OBJECT_TABLESPACE: ["create"],
  OBJECT_LARGEOBJECT: ["update"],
  OBJECT_PARAMETER_ACL: ["set", "alter system"],
};

export const grantPublic: LintRule = {
  name: "grant-public",
  severity: "error",
  summary: "everybody is given the right to change something",
  why: "PUBLIC is every role that can connect, those that are made later included, and nothing can be taken from one of them alone: REVOKE from a role takes no right that it has as one of PUBLIC. CREATE on a schema also lets everybody put functions in the way of others.",
  safe: "CREATE ROLE app NOLOGIN;\nGRANT SELECT, INSERT, UPDATE ON orders TO app;",
  kinds: ["GrantStmt", "AlterDefaultPrivilegesStmt"],
  judge: (step) => {
    const defaults = nodeOf(step, "AlterDefaultPrivilegesStmt");
    const grant = nodeOf(step, "GrantStmt") ?? defaults?.action;
    if (grant?.is_grant !== true) return [];
    const isPublic = allOf(grant.grantees, "RoleSpec").some(
      ({ roletype }) => roletype === "ROLESPEC_PUBLIC",
    );
    const rights = changing[grant.objtype ?? "OBJECT_ACCESS_METHOD"];
    if (!isPublic || !rights) return [];
    const named = allOf(grant.privileges, "AccessPriv");
    const given = named.filter(
      ({ priv_name: right = "all" }) => right === "all" || rights.includes(right),
    );
    if (named.length > 0 && given.length === 0) return [];
    const what = given.length === 0 ? "ALL" : given.map(wordsOf).join(", ");
    const object = defaults ? undefined : objectOf(grant);
    if (object === null) return [];
    return [
      {
        ...(object === undefined ? {} : { object }),
        message: `every role gets ${what} on ${defaults ? "what is made from now on" : targetOf(grant, object ?? "")}`,
        hint: "grant it to a role that is there for it, and that role to those who need it",
      },
    ];
  },
};

/** `UPDATE (note)` */
function wordsOf({ priv_name = "all", cols }: Tree.AccessPriv): string {
  const columns = stringsOf(cols).map(ident);
  return priv_name.toUpperCase() + (columns.length > 0 ? ` (${columns.join(", ")})` : "");
}

const all: Partial<Record<Target, string>> = {
  OBJECT_TABLE: "all tables of ",
  OBJECT_SEQUENCE: "all sequences of ",
};

/** ON ALL TABLES IN SCHEMA names schemas where others name tables. */
function targetOf({ targtype, objtype, objects }: Tree.GrantStmt, object: string): string {
  if (targtype !== "ACL_TARGET_ALL_IN_SCHEMA") return sqlName(object);
  const schemas = stringsOf(objects).map(ident);
  return `${all[objtype ?? "OBJECT_TABLE"] ?? "all of "}${schemas.join(", ")}`;
}

/** The first of what a GRANT names that others can reach; null where all of it is of the session alone. */
function objectOf({ objects }: Tree.GrantStmt): string | null {
  const relations = allOf(objects, "RangeVar");
  if (relations.length === 0) return stringsOf(objects)[0] ?? "it";
  const lasting = relations.find((relation) => !isTemporary(relation));
  return lasting ? relationName(lasting) : null;
}
