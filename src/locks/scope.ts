/** Which schema the names of a file without one belong to: of SET search_path, and of temporary tables. */
import type { Node, Statement, Tree } from "../db/script.ts";
import { allOf, as, findNodes, relationName, stringsOf } from "../db/tree.ts";
import type { Model } from "./model.ts";
import { keyOf, temporarySchema as temporary } from "./model.ts";
import { searchPathIn } from "./search-path.ts";

/** By name, for one statement; a name that is not in here stays as it is written. */
type Schemas = ReadonlyMap<string, string>;

/**
 * The schemas of each statement's names, where they are not those that the session has anyhow; read
 * against the model as it is before the first of them. None at all for most files. `commits` are the
 * statements that end a transaction, and with it what is ON COMMIT DROP.
 */
export function schemasIn(
  statements: readonly Statement[],
  model: Model,
  commits: ReadonlySet<Statement> = new Set(),
): ReadonlyMap<Statement, Schemas> {
  const found = new Map<Statement, Schemas>();
  if (!statements.some(isAboutSchemas)) return found;
  const scope = new Scope(model);
  for (const statement of statements) {
    const schemas = scope.read(statement);
    if (schemas.size > 0) found.set(statement, schemas);
    if (commits.has(statement)) scope.commit();
  }
  return found;
}

/** The statement with each of these names behind its schema; its text stays as written. */
export function qualify<T extends Statement>(statement: T, schemas: Schemas | undefined): T {
  if (schemas === undefined || schemas.size === 0) return statement;
  return { ...statement, node: qualified(statement.node, schemas) };
}

/** It may make something temporary, or set where names are looked for. */
function isAboutSchemas({ kind, text }: Statement): boolean {
  return kind === "VariableSetStmt" || /\btemp(?:orary)?\b|pg_temp|search_path/i.test(text);
}

class Scope {
  readonly #model: Model;
  /** Of the session's own temporary schema. */
  readonly #temporary = new Set<string>();
  /** Of those, what ends with its transaction. */
  readonly #untilCommit = new Set<string>();
  /** As the file has made them so far. */
  readonly #made = new Set<string>();
  readonly #gone = new Set<string>();
  /** Undefined while it is that of the session. */
  #path: readonly string[] | undefined;

  constructor(model: Model) {
    this.#model = model;
  }

  /** The schemas of the names of the next statement. */
  read({ node }: Statement): Schemas {
    const schemas = new Map<string, string>();
    const path = searchPathIn(node);
    if (path !== undefined) {
      this.#path = path === "reset" ? undefined : path;
      this.#follow(node, schemas);
      return schemas;
    }
    if (as(node, "CreateSchemaStmt")) return schemas;
    const made = relationMadeBy(node);
    const hidden = new Set(findNodes(node, "CommonTableExpr").map(({ ctename }) => ctename));
    // What is written to is a table, whatever WITH has of its name.
    for (const { relation } of writesIn(node)) hidden.delete(relation?.relname);
    for (const name of [...namesIn(node), ...functionsMadeBy(node)]) {
      const isMade = made?.relname === name || functionsMadeBy(node).includes(name);
      if (hidden.has(name)) continue;
      const schema = isMade ? this.#homeOf(made) : this.#find(name);
      if (schema !== undefined && schema !== "public") schemas.set(name, schema);
    }
    this.#follow(node, schemas);
    return schemas;
  }

  /** ON COMMIT DROP has its say. */
  commit(): void {
    for (const name of this.#untilCommit) this.#lose({ schema: temporary, name });
  }

  #homeOf(made: Tree.RangeVar | undefined): string | undefined {
    return isMadeTemporary(made) ? temporary : this.#path?.[0];
  }

  /** The first place of the path where there is one; nowhere it is taken to be in the only place it can be. */
  #find(name: string): string | undefined {
    if (this.#temporary.has(name)) return temporary;
    const path = this.#path;
    return (
      path?.find((schema) => this.#isKnown(keyOf(`${schema}.${name}`))) ??
      (path?.length === 1 ? path[0] : undefined)
    );
  }

  #isKnown(key: string): boolean {
    if (this.#made.has(key)) return true;
    const { tables, indexes } = this.#model;
    return !this.#gone.has(key) && (tables.has(key) || indexes.has(key));
  }

  #follow(node: Node, schemas: Schemas): void {
    const made = relationMadeBy(node);
    if (made) this.#make(placeOf(made, schemas));
    if (made && endsAtCommit(node)) this.#untilCommit.add(made.relname ?? "");
    if (/^DISCARD_(?:TEMP|ALL)$/.test(as(node, "DiscardStmt")?.target ?? "")) {
      for (const name of this.#temporary) this.#lose({ schema: temporary, name });
    }
    const index = as(node, "IndexStmt");
    if (index?.idxname !== undefined) {
      const table = placeOf(index.relation, schemas);
      this.#make({ schema: table.schema, name: index.idxname });
    }
    const rename = as(node, "RenameStmt");
    const isMoved = ["OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW"];
    if (rename?.relation && isMoved.includes(rename.renameType ?? "")) {
      const { schema, name } = placeOf(rename.relation, schemas);
      this.#lose({ schema, name });
      this.#make({ schema, name: rename.newname ?? "" });
    }
    const move = as(node, "AlterObjectSchemaStmt");
    if (move?.relation) {
      const { schema, name } = placeOf(move.relation, schemas);
      this.#lose({ schema, name });
      this.#make({ schema: move.newschema ?? "", name });
    }
    for (const { items } of allOf(as(node, "DropStmt")?.objects, "List")) {
      const parts = stringsOf(items);
      const name = parts.at(-1) ?? "";
      const [schema = schemas.get(name) ?? ""] = parts.slice(0, -1);
      this.#lose({ schema, name });
    }
  }

  #make({ schema, name }: Place): void {
    if (schema === temporary) this.#temporary.add(name);
    this.#made.add(keyIn({ schema, name }));
  }

  #lose({ schema, name }: Place): void {
    if (schema === temporary) {
      this.#temporary.delete(name);
      this.#untilCommit.delete(name);
    }
    this.#made.delete(keyIn({ schema, name }));
    this.#gone.add(keyIn({ schema, name }));
  }
}

interface Place {
  /** Empty for one that is not known. */
  readonly schema: string;
  readonly name: string;
}

const keyIn = ({ schema, name }: Place) => keyOf(schema === "" ? name : `${schema}.${name}`);

function placeOf(relation: Tree.RangeVar | undefined, schemas: Schemas): Place {
  const { schemaname = "", relname: name = "" } = relation ?? {};
  return { schema: schemaname === "" ? (schemas.get(name) ?? "") : schemaname, name };
}

/** True for the name in a CREATE that says TEMPORARY, or puts it where such are. */
export function isMadeTemporary(relation: Tree.RangeVar | undefined): boolean {
  return relation?.relpersistence === "t" || relation?.schemaname === temporary;
}

/** The name of what a CREATE makes, as the model has it. */
export function nameOfMade(relation: Tree.RangeVar | undefined): string {
  return isMadeTemporary(relation)
    ? `${temporary}.${relation?.relname ?? ""}`
    : relationName(relation);
}

function writesIn(node: Node): readonly { readonly relation?: Tree.RangeVar }[] {
  if (findNodes(node, "CommonTableExpr").length === 0) return [];
  return [
    ...findNodes(node, "InsertStmt"),
    ...findNodes(node, "UpdateStmt"),
    ...findNodes(node, "DeleteStmt"),
    ...findNodes(node, "MergeStmt"),
  ];
}

function endsAtCommit(node: Node): boolean {
  const how =
    as(node, "CreateStmt")?.oncommit ??
    as(node, "CreateTableAsStmt")?.into?.onCommit ??
    as(node, "SelectStmt")?.intoClause?.onCommit;
  return how === "ONCOMMIT_DROP";
}

/** The relation that the statement creates. */
export function relationMadeBy(node: Node): Tree.RangeVar | undefined {
  return (
    as(node, "CreateStmt")?.relation ??
    as(node, "CreateForeignTableStmt")?.base?.relation ??
    as(node, "CreateTableAsStmt")?.into?.rel ??
    as(node, "SelectStmt")?.intoClause?.rel ??
    as(node, "ViewStmt")?.view ??
    as(node, "CreateSeqStmt")?.sequence
  );
}

/** Functions and domains that it creates, where no schema is written. */
function functionsMadeBy(node: Node): string[] {
  const parts = stringsOf(
    as(node, "CreateFunctionStmt")?.funcname ?? as(node, "CreateDomainStmt")?.domainname,
  );
  return parts.length === 1 ? parts : [];
}

/** How many parts the name of an object without a schema has. */
const partsOfDropped: Partial<Record<NonNullable<Tree.DropStmt["removeType"]>, number>> = {
  OBJECT_TABLE: 1,
  OBJECT_VIEW: 1,
  OBJECT_MATVIEW: 1,
  OBJECT_FOREIGN_TABLE: 1,
  OBJECT_SEQUENCE: 1,
  OBJECT_INDEX: 1,
  // These stand behind their table.
  OBJECT_TRIGGER: 2,
  OBJECT_RULE: 2,
  OBJECT_POLICY: 2,
};

/** Names of relations that are written without a schema. */
function namesIn(node: Node): string[] {
  const names = new Set<string>();
  eachRelation(node, ({ schemaname = "", relname = "" }) => {
    if (schemaname === "") names.add(relname);
  });
  const drop = as(node, "DropStmt");
  const parts = partsOfDropped[drop?.removeType ?? "OBJECT_CAST"];
  for (const { items } of allOf(drop?.objects, "List")) {
    const [first = "", ...others] = stringsOf(items);
    if (others.length + 1 === parts) names.add(first);
  }
  return [...names];
}

/** Names behind FOR UPDATE OF are those of FROM, aliases too. */
const isRelation = (value: object): value is Tree.RangeVar =>
  "relname" in value && "relpersistence" in value;

/** Not by recursion, as `valuesOf`. */
function eachRelation(root: unknown, visit: (relation: Tree.RangeVar) => void): void {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    if (isRelation(value)) visit(value);
    for (const key of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[key];
      if (typeof member === "object" && key !== "lockedRels") left.push(member);
    }
  }
}

/** A copy of a statement's tree with the schemas in it. */
function qualified(node: Node, schemas: Schemas): Node {
  const [copy, left] = [shellOf(node), [node] as object[]];
  const copies = new Map<object, Record<string, unknown>>([[node, copy]]);
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    const made = copies.get(value) ?? {};
    for (const [key, member] of Object.entries(value)) {
      if (typeof member === "object" && member !== null && key !== "lockedRels") {
        const shell = shellOf(member);
        copies.set(member, shell);
        left.push(member);
        made[key] = shell;
      } else made[key] = member;
    }
    if (!isRelation(value) || (value.schemaname ?? "") !== "") continue;
    const schema = schemas.get(value.relname ?? "");
    if (schema !== undefined) made["schemaname"] = schema;
  }
  const tree = copy as Node;
  const drop = as(tree, "DropStmt");
  if (drop) return { DropStmt: qualifiedDrop(drop, schemas) };
  const created = as(tree, "CreateFunctionStmt");
  if (created) {
    return { CreateFunctionStmt: { ...created, funcname: ofMade(created.funcname, schemas) } };
  }
  const domain = as(tree, "CreateDomainStmt");
  if (domain) {
    return { CreateDomainStmt: { ...domain, domainname: ofMade(domain.domainname, schemas) } };
  }
  return tree;
}

const shellOf = (value: object) => (Array.isArray(value) ? [] : {}) as Record<string, unknown>;

const ofMade = (parts: readonly Node[] = [], schemas: Schemas) =>
  parts.length === 1 ? inSchema(parts, schemas) : [...parts];

const inSchema = (parts: readonly Node[] = [], schemas: Schemas): Node[] => {
  const schema = schemas.get(stringsOf(parts)[0] ?? "");
  return schema === undefined ? [...parts] : [{ String: { sval: schema } }, ...parts];
};

function qualifiedDrop(drop: Tree.DropStmt, schemas: Schemas): Tree.DropStmt {
  const parts = partsOfDropped[drop.removeType ?? "OBJECT_CAST"];
  const objects = drop.objects?.map((object): Node => {
    const items = as(object, "List")?.items;
    return items?.length === parts ? { List: { items: inSchema(items, schemas) } } : object;
  });
  return { ...drop, ...(objects ? { objects } : {}) };
}
