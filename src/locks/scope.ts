/** Which schema the names of a file without one belong to: of SET search_path, and of temporary tables. */
import type { Node, Statement, Tree } from "../db/script.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";
import type { Model } from "./model.ts";
import { keyOf, temporarySchema as temporary } from "./model.ts";
import { searchPathIn } from "./search-path.ts";
import {
  discardsTemporary,
  functionsMadeBy,
  isDroppedOnCommit,
  isMadeTemporary,
  namesIn,
  relationMadeBy,
  writesIn,
} from "./statement-names.ts";

/** By name, for one statement; a name that is not in here stays as it is written. */
export type Schemas = ReadonlyMap<string, string>;

/**
 * The schemas of each statement's names, where they are not those that the session has anyhow; read
 * against the model as it is before the first of them. None at all for most files. Behind each of
 * `last` a transaction ends, which takes tables with it that are made ON COMMIT DROP.
 */
export function schemasIn(
  statements: readonly Statement[],
  model: Model,
  last: ReadonlySet<Statement> = new Set(),
): ReadonlyMap<Statement, Schemas> {
  const found = new Map<Statement, Schemas>();
  if (!statements.some(isAboutSchemas)) return found;
  const scope = new Scope(model);
  for (const statement of statements) {
    const schemas = scope.read(statement);
    if (schemas.size > 0) found.set(statement, schemas);
    if (last.has(statement) || endsTransaction(statement.node)) scope.commit();
  }
  return found;
}

/** A file of another runner has its own BEGIN and COMMIT. */
function endsTransaction(node: Node): boolean {
  const kind = as(node, "TransactionStmt")?.kind;
  return kind === "TRANS_STMT_COMMIT" || kind === "TRANS_STMT_ROLLBACK";
}

/** It may make something temporary, or set where names are looked for. */
function isAboutSchemas({ kind, text }: Statement): boolean {
  return kind === "VariableSetStmt" || /\btemp(?:orary)?\b|pg_temp|search_path/i.test(text);
}

class Scope {
  readonly #model: Model;
  /** Of the session's own temporary schema. */
  readonly #temporary = new Set<string>();
  /** Of these, what the transaction takes with it: ON COMMIT DROP. */
  readonly #passing = new Set<string>();
  /** As the file has made them so far. */
  readonly #made = new Set<string>();
  readonly #gone = new Set<string>();
  /** Nobody told of any table: one that is not known may well be there. */
  readonly #isBlind: boolean;
  /** Undefined while it is that of the session. */
  #path: readonly string[] | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.#isBlind = !model.isWhole && model.tables.size === 0;
  }

  /** The transaction ends. */
  commit(): void {
    for (const name of this.#passing) this.#lose({ schema: temporary, name });
  }

  /** The schemas of the names of the next statement. */
  read({ node }: Statement): Schemas {
    const schemas = new Map<string, string>();
    if (discardsTemporary(node)) {
      for (const name of this.#temporary) this.#lose({ schema: temporary, name });
    }
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

  #homeOf(made: Tree.RangeVar | undefined): string | undefined {
    return isMadeTemporary(made) ? temporary : this.#path?.[0];
  }

  /** The first place of the path where there is one; nowhere it is taken to be in the only place it can be. */
  #find(name: string): string | undefined {
    if (this.#temporary.has(name) && !this.#isHidden(name)) return temporary;
    const path = this.#path?.filter((schema) => schema !== temporary);
    return (
      path?.find((schema) => this.#isKnown(schema, name)) ??
      (path?.length === 1 ? path[0] : undefined)
    );
  }

  /** The temporary schema comes first, unless the path names it: then what stands before it wins. */
  #isHidden(name: string): boolean {
    const place = this.#path?.indexOf(temporary) ?? -1;
    if (place <= 0) return false;
    const before = this.#path?.slice(0, place) ?? [];
    return this.#isBlind || before.some((schema) => this.#isKnown(schema, name));
  }

  #isKnown(schema: string, name: string): boolean {
    const key = keyOf(`${schema}.${name}`);
    if (this.#made.has(key)) return true;
    const { tables, indexes } = this.#model;
    return !this.#gone.has(key) && (tables.has(key) || indexes.has(key));
  }

  #follow(node: Node, schemas: Schemas): void {
    const made = relationMadeBy(node);
    if (made) this.#make(placeOf(made, schemas), isDroppedOnCommit(node));
    const index = as(node, "IndexStmt");
    if (index?.idxname !== undefined) {
      const table = placeOf(index.relation, schemas);
      this.#make({ schema: table.schema, name: index.idxname }, this.#isPassing(table));
    }
    const rename = as(node, "RenameStmt");
    const isMoved = ["OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW"];
    if (rename?.relation && isMoved.includes(rename.renameType ?? "")) {
      const { schema, name } = placeOf(rename.relation, schemas);
      const isPassing = this.#isPassing({ schema, name });
      this.#lose({ schema, name });
      this.#make({ schema, name: rename.newname ?? "" }, isPassing);
    }
    const move = as(node, "AlterObjectSchemaStmt");
    if (move?.relation) {
      const { schema, name } = placeOf(move.relation, schemas);
      this.#lose({ schema, name });
      this.#make({ schema: move.newschema ?? "", name }, false);
    }
    for (const { items } of allOf(as(node, "DropStmt")?.objects, "List")) {
      const parts = stringsOf(items);
      const name = parts.at(-1) ?? "";
      const [schema = schemas.get(name) ?? ""] = parts.slice(0, -1);
      this.#lose({ schema, name });
    }
  }

  #isPassing({ schema, name }: Place): boolean {
    return schema === temporary && this.#passing.has(name);
  }

  #make({ schema, name }: Place, isPassing: boolean): void {
    if (schema === temporary) {
      // With IF NOT EXISTS, one that is there stays what it is.
      if (isPassing && !this.#temporary.has(name)) this.#passing.add(name);
      this.#temporary.add(name);
    }
    this.#made.add(keyIn({ schema, name }));
  }

  #lose({ schema, name }: Place): void {
    if (schema === temporary) {
      this.#temporary.delete(name);
      this.#passing.delete(name);
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
