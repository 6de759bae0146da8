/** Objects that a section creates: what happens to them afterwards changes nothing for others. */
import type { Statement, Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";

/** Kind and name as written; `public.` is left out, since most scripts leave it out. */
export function identityOf(kind: string, name: string): string {
  return `${kind} ${name.replace(/^public\./, "")}`;
}

/** What a section has created so far, and what it will create. */
export class ObjectsSeen {
  readonly #created = new Set<string>();
  readonly #everCreated: ReadonlySet<string>;

  constructor(statements: readonly Statement[]) {
    this.#everCreated = new Set(statements.flatMap((statement) => createdBy(statement)));
  }

  /** To be called after a statement was judged. */
  note(statement: Statement): void {
    for (const identity of createdBy(statement)) this.#created.add(identity);
  }

  /** Created further up in the same section. */
  isNew(identity: string): boolean {
    return this.#created.has(identity);
  }

  /** Created further down in the same section. */
  comesBack(identity: string): boolean {
    return this.#everCreated.has(identity);
  }

  /** True when every object of a GRANT or REVOKE was created in this section. */
  coversGrant(grant: Tree.GrantStmt): boolean {
    const identities = (grant.objects ?? []).map((object) => {
      const relation = as(object, "RangeVar");
      return relation
        ? identityOf("relation", relationName(relation))
        : grant.objtype === "OBJECT_SCHEMA"
          ? identityOf("schema", as(object, "String")?.sval ?? "")
          : functionIdentity(as(object, "ObjectWithArgs"));
    });
    return identities.length > 0 && identities.every((identity) => this.isNew(identity));
  }
}

function createdBy({ node }: Statement): string[] {
  const relation =
    as(node, "CreateStmt")?.relation ??
    as(node, "CreateForeignTableStmt")?.base?.relation ??
    as(node, "CreateTableAsStmt")?.into?.rel ??
    as(node, "ViewStmt")?.view ??
    as(node, "CreateSeqStmt")?.sequence;
  if (relation) return [identityOf("relation", relationName(relation))];
  const schema = as(node, "CreateSchemaStmt")?.schemaname;
  if (schema) return [identityOf("schema", schema)];
  const trigger = as(node, "CreateTrigStmt");
  if (trigger) return [partIdentity("OBJECT_TRIGGER", trigger.relation, trigger.trigname)];
  const policy = as(node, "CreatePolicyStmt");
  if (policy) return [partIdentity("OBJECT_POLICY", policy.table, policy.policy_name)];
  const rule = as(node, "RuleStmt");
  if (rule) return [partIdentity("OBJECT_RULE", rule.relation, rule.rulename)];
  const create = as(node, "CreateFunctionStmt");
  if (create) {
    const inputs = allOf(create.parameters, "FunctionParameter").filter(
      ({ mode }) => mode !== "FUNC_PARAM_OUT" && mode !== "FUNC_PARAM_TABLE",
    );
    const types = inputs.map(({ argType }) => typeText(argType)).join(",");
    return [identityOf("function", `${stringsOf(create.funcname).join(".")}(${types})`)];
  }
  const typeName =
    as(node, "CreateEnumStmt")?.typeName ??
    as(node, "CreateRangeStmt")?.typeName ??
    as(node, "CreateDomainStmt")?.domainname;
  if (typeName) return [identityOf("type", stringsOf(typeName).join("."))];
  const composite = as(node, "CompositeTypeStmt")?.typevar;
  return composite ? [identityOf("type", relationName(composite))] : [];
}

const relationKinds = new Set([
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_SEQUENCE",
  "OBJECT_FOREIGN_TABLE",
]);
const functionKinds = new Set(["OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"]);
const typeKinds = new Set(["OBJECT_TYPE", "OBJECT_DOMAIN"]);

/** The objects of a DROP with their identity and their name for people. */
export function droppedObjects(drop: Tree.DropStmt): { identity: string; shown: string }[] {
  const type = drop.removeType ?? "";
  const kind = type.replace("OBJECT_", "").replaceAll("_", " ").toLowerCase();
  return (drop.objects ?? []).map((object) => {
    const args = as(object, "ObjectWithArgs");
    const name =
      as(object, "String")?.sval ??
      stringsOf(as(object, "List")?.items ?? as(object, "TypeName")?.names ?? args?.objname).join(
        ".",
      );
    const shown = name === "" ? `a ${kind}` : `${kind} \`${name}\``;
    if (functionKinds.has(type)) return { identity: functionIdentity(args), shown };
    const family = relationKinds.has(type)
      ? "relation"
      : typeKinds.has(type)
        ? "type"
        : type === "OBJECT_SCHEMA"
          ? "schema"
          : type;
    return { identity: identityOf(family, name), shown };
  });
}

/** Triggers, policies and rules are named within their table. */
function partIdentity(
  type: string,
  table: Tree.RangeVar | undefined,
  name: string | undefined,
): string {
  return identityOf(type, `${relationName(table)}.${name}`);
}

function functionIdentity(object: Tree.ObjectWithArgs | undefined): string {
  const types = (object?.objargs ?? []).map((arg) => typeText(as(arg, "TypeName"))).join(",");
  return identityOf("function", `${stringsOf(object?.objname).join(".")}(${types})`);
}

function typeText(type: Tree.TypeName | undefined): string {
  const names = stringsOf(type?.names).filter((name) => name !== "pg_catalog");
  return names.join(".") + "[]".repeat(type?.arrayBounds?.length ?? 0);
}
