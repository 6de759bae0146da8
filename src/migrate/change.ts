/** Which change of the schema's version the statements of a migration make, and why. */
import type { Node, Statement, Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf, valuesOf } from "../db/tree.ts";
import type { NodeKind, NodeOf } from "../db/tree.ts";
import { judgeAlterTable } from "./change-alter.ts";
import { ObjectsSeen, droppedObjects, identityOf } from "./change-objects.ts";
import { certainly, presumably } from "./judgement.ts";
import type { Judgement } from "./judgement.ts";
import { greatest } from "./schema-version.ts";
import type { Change } from "./schema-version.ts";

export interface JudgedChange {
  /** What counts unless the file declares something. */
  readonly change: Change;
  /** The least that may be declared. */
  readonly least: Change;
  readonly judgements: readonly (Judgement & { readonly statement: Statement })[];
}

/** Judges the statements of an up section, in order. */
export function judgeChange(statements: readonly Statement[]): JudgedChange {
  const seen = new ObjectsSeen(statements);
  const judgements = statements.flatMap((statement) => {
    const judged = judgeStatement(statement, seen);
    seen.note(statement);
    return judged.map((judgement) => ({ ...judgement, statement }));
  });
  return {
    change: greatest(judgements.map(({ change }) => change)),
    least: greatest(judgements.filter(({ isCertain }) => isCertain).map(({ change }) => change)),
    judgements,
  };
}

type Judge<K extends NodeKind> = (inner: NodeOf<K>, seen: ObjectsSeen) => Judgement[];
type Judges = { readonly [K in NodeKind]?: Judge<K> };

const data = () => [presumably("minor", "rows are changed")];
const unknown = (what: string) => () => [
  presumably("minor", `what ${what} does cannot be judged from the file`),
];
const isNew = (what: string) => () => [certainly("minor", `${what} is new`)];
const invisible = (what: string) => () => [certainly("patch", what)];
const named = (relation: Tree.RangeVar | undefined) => `\`${relationName(relation)}\``;

const judges: Judges = {
  AlterTableStmt: judgeAlterTable,
  DropStmt: judgeDrop,
  RenameStmt: judgeRename,
  IndexStmt: judgeIndex,
  CreateStmt: (create) =>
    create.relation?.relpersistence === "t"
      ? [certainly("patch", "a temporary table")]
      : [certainly("minor", `table ${named(create.relation)} is new`)],
  CreateTableAsStmt: (create) => [
    create.into?.rel?.relpersistence === "t"
      ? certainly("patch", "a temporary table")
      : certainly("minor", `${named(create.into?.rel)} is new`),
  ],
  ViewStmt: (view) => [certainly("minor", `view ${named(view.view)} is new or gets columns`)],
  CreateFunctionStmt: (create) => [
    create.replace === true
      ? certainly("patch", `the body of \`${stringsOf(create.funcname).join(".")}\` is replaced`)
      : certainly("minor", `function \`${stringsOf(create.funcname).join(".")}\` is new`),
  ],
  CreateTrigStmt: (create, seen) => [
    seen.isNew(identityOf("relation", relationName(create.relation)))
      ? certainly("patch", `a trigger of the new table ${named(create.relation)}`)
      : presumably("minor", `a trigger on ${named(create.relation)} is new`),
  ],
  CreatePolicyStmt: (create, seen) => [
    create.permissive === true || seen.isNew(identityOf("relation", relationName(create.table)))
      ? certainly("minor", `a policy on ${named(create.table)} is new`)
      : certainly("major", `a restrictive policy narrows ${named(create.table)}`),
  ],
  AlterPolicyStmt: (alter) => [presumably("minor", `a policy on ${named(alter.table)} changes`)],
  RuleStmt: (create) => [presumably("minor", `a rule on ${named(create.relation)} is new`)],
  AlterObjectSchemaStmt: (alter, seen) =>
    seen.isNew(identityOf("relation", relationName(alter.relation)))
      ? []
      : [
          certainly(
            "major",
            `${alter.relation ? named(alter.relation) : "an object"} moves to schema \`${alter.newschema}\``,
          ),
        ],
  AlterEnumStmt: (alter) => [
    alter.oldVal === undefined
      ? certainly("minor", `enum value \`${alter.newVal}\` is new`)
      : certainly("major", `enum value \`${alter.oldVal}\` is renamed`),
  ],
  AlterDomainStmt: judgeDomain,
  AlterOwnerStmt: () => [presumably("minor", "an owner changes")],
  AlterSeqStmt: (alter, seen) =>
    seen.isNew(identityOf("relation", relationName(alter.sequence)))
      ? []
      : [presumably("minor", `sequence ${named(alter.sequence)} changes`)],
  GrantStmt: (grant, seen) =>
    grant.is_grant === true
      ? [certainly("minor", "privileges are granted")]
      : seen.coversGrant(grant)
        ? [certainly("patch", "privileges of a new object are revoked")]
        : [certainly("major", "privileges are revoked")],
  GrantRoleStmt: (grant) => [
    grant.is_grant === true
      ? certainly("minor", "a role is granted")
      : certainly("major", "a role is revoked"),
  ],
  DropRoleStmt: () => [certainly("major", "a role is dropped")],
  DropOwnedStmt: () => [certainly("major", "all objects of a role are dropped")],
  DropdbStmt: () => [certainly("major", "a database is dropped")],
  DropTableSpaceStmt: invisible("a tablespace is dropped"),
  DropSubscriptionStmt: () => [certainly("major", "a subscription is dropped")],
  DropUserMappingStmt: () => [certainly("major", "a user mapping is dropped")],
  AlterPublicationStmt: (alter) => [
    alter.action === "AP_AddObjects"
      ? certainly("minor", "a publication gets tables")
      : presumably("major", "a publication may lose tables"),
  ],
  SelectStmt: (select) => [
    valuesOf(select, "intoClause").length > 0
      ? certainly("minor", "a table is new")
      : valuesOf(select, "FuncCall").length > 0
        ? presumably("minor", "what the called functions do cannot be judged from the file")
        : certainly("patch", "a query"),
  ],
  InsertStmt: data,
  UpdateStmt: data,
  DeleteStmt: data,
  MergeStmt: data,
  TruncateStmt: data,
  CopyStmt: data,
  DoStmt: unknown("a DO block"),
  CallStmt: unknown("a procedure"),
  CreateSchemaStmt: (create) => [certainly("minor", `schema \`${create.schemaname}\` is new`)],
  CreateSeqStmt: (create) => [certainly("minor", `sequence ${named(create.sequence)} is new`)],
  CreateEnumStmt: isNew("a type"),
  CreateRangeStmt: isNew("a type"),
  CompositeTypeStmt: isNew("a type"),
  CreateDomainStmt: isNew("a domain"),
  DefineStmt: isNew("an object"),
  CreateExtensionStmt: (create) => [certainly("minor", `extension \`${create.extname}\` is new`)],
  CreateRoleStmt: isNew("a role"),
  CreateForeignTableStmt: isNew("a foreign table"),
  CreateStatsStmt: invisible("statistics for the planner"),
  AlterStatsStmt: invisible("statistics for the planner"),
  AlterFunctionStmt: invisible("options of a function"),
  AlterTableMoveAllStmt: invisible("storage"),
  AlterSystemStmt: invisible("a setting of the server"),
  CommentStmt: invisible("a comment"),
  SecLabelStmt: invisible("a security label"),
  VariableSetStmt: invisible("a setting of the session"),
  VariableShowStmt: invisible("a query"),
  ExplainStmt: invisible("a query"),
  LockStmt: invisible("a lock"),
  ConstraintsSetStmt: invisible("a setting of the transaction"),
  TransactionStmt: invisible("transaction control"),
  DiscardStmt: invisible("a setting of the session"),
  LoadStmt: invisible("a library is loaded"),
  NotifyStmt: invisible("a notification"),
  CheckPointStmt: invisible("maintenance"),
  ClusterStmt: invisible("maintenance"),
  ReindexStmt: invisible("maintenance"),
  RefreshMatViewStmt: invisible("maintenance"),
  VacuumStmt: invisible("maintenance"),
};

function judgeStatement({ kind, node }: Statement, seen: ObjectsSeen): Judgement[] {
  const judge = judges[kind as NodeKind] as Judge<NodeKind> | undefined;
  if (judge) return judge(Object.values(node)[0] as never, seen);
  // Everything else of the grammar creates or alters something: additive as far as one can tell.
  return [presumably("minor", `${kind.replace(/Stmt$/, "")} is not judged in detail`)];
}

const kindsNobodySees = new Set(["OBJECT_INDEX", "OBJECT_STATISTIC_EXT"]);
const kindsReplacedByName = new Set(["OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"]);

function judgeDrop(drop: Tree.DropStmt, seen: ObjectsSeen): Judgement[] {
  return droppedObjects(drop).flatMap(({ identity, shown }) => {
    if (seen.isNew(identity)) return [];
    const type = drop.removeType ?? "";
    if (kindsNobodySees.has(type)) return [certainly("patch", `${shown} is dropped`)];
    if (!seen.comesBack(identity)) return [certainly("major", `${shown} is dropped`)];
    if (type === "OBJECT_TABLE") return [certainly("major", `${shown} is dropped and made anew`)];
    const change = kindsReplacedByName.has(type) ? "minor" : "major";
    return [presumably(change, `${shown} is dropped and made anew, perhaps in another form`)];
  });
}

const renamesNobodySees = new Set([
  "OBJECT_INDEX",
  "OBJECT_POLICY",
  "OBJECT_RULE",
  "OBJECT_STATISTIC_EXT",
  "OBJECT_TRIGGER",
]);

function judgeRename(rename: Tree.RenameStmt, seen: ObjectsSeen): Judgement[] {
  const table = relationName(rename.relation);
  if (rename.relation && seen.isNew(identityOf("relation", table))) return [];
  const type = rename.renameType ?? "";
  const old = [table, rename.subname].filter(Boolean).join(".");
  const shown = `${spoken(type)} \`${old || nameOf(rename.object)}\` is renamed to \`${rename.newname}\``;
  if (renamesNobodySees.has(type)) return [certainly("patch", shown)];
  // INSERT … ON CONFLICT ON CONSTRAINT and error handlers may name a constraint; most do not.
  return [type === "OBJECT_TABCONSTRAINT" ? presumably("major", shown) : certainly("major", shown)];
}

function judgeIndex(index: Tree.IndexStmt, seen: ObjectsSeen): Judgement[] {
  const table = relationName(index.relation);
  if (index.unique !== true || seen.isNew(identityOf("relation", table))) {
    return [certainly("patch", `an index on \`${table}\``)];
  }
  return [
    presumably("major", `rows of \`${table}\` must be unique now, unless they had to be before`),
  ];
}

function judgeDomain(alter: Tree.AlterDomainStmt): Judgement[] {
  const name = `domain \`${stringsOf(alter.typeName).join(".")}\``;
  switch (alter.subtype) {
    case "O": // SET NOT NULL
    case "C": // ADD CONSTRAINT
      return [certainly("major", `${name} accepts less`)];
    case "V": // VALIDATE CONSTRAINT
      return [certainly("patch", `${name} is validated`)];
    default:
      return [certainly("minor", `${name} changes`)];
  }
}

function spoken(objectType: string): string {
  return objectType
    .replace("OBJECT_TABCONSTRAINT", "constraint")
    .replace("OBJECT_", "")
    .toLowerCase();
}

function nameOf(object: Node | undefined): string {
  const list = as(object, "List")?.items;
  return (
    as(object, "String")?.sval ??
    stringsOf(list ?? as(object, "ObjectWithArgs")?.objname ?? allNames(object)).join(".")
  );
}

function allNames(object: Node | undefined): readonly Node[] {
  return allOf(object ? [object] : [], "TypeName").flatMap(({ names }) => names ?? []);
}
