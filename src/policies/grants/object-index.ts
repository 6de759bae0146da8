/** Which objects a statement means. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { mistake } from "../statement.ts";
import type { PolicyStatement } from "../statement.ts";
import { isSystemSchema, ofTheSystem, schemaOf } from "./declared.ts";
import type { GrantStatement, Target } from "./declared.ts";
import findOther from "./other-object.sql";
import type { ObjectRow, ResolvedObject } from "./resolve.ts";

/** The objects of the database by what the statements call them. */
export class ObjectIndex {
  readonly #objects: readonly ResolvedObject[];
  readonly #columns = new Map<string, ResolvedObject[]>();

  constructor(objects: readonly ResolvedObject[]) {
    this.#objects = objects.filter(({ row }) => row.kind !== "column");
    for (const object of objects) {
      if (object.row.kind !== "column") continue;
      const list = this.#columns.get(object.row.oid);
      if (list) list.push(object);
      else this.#columns.set(object.row.oid, [object]);
    }
  }

  columnsOf(row: ObjectRow): readonly ResolvedObject[] {
    return this.#columns.get(row.oid) ?? [];
  }

  /** Undefined when a name means nothing; ALL IN SCHEMA may well mean no object. */
  find(target: Target, routines: ReadonlyMap<string, string>): ResolvedObject[] | undefined {
    if (target.kind === "all") {
      const hasSchema = this.#objects.some(
        ({ row }) => row.kind === "schema" && row.name === target.schema,
      );
      if (!hasSchema) return undefined;
      return this.#objects.filter(
        ({ row }) =>
          row.schema === target.schema &&
          !row.isLeaf &&
          target.of.some((kind) => kind === row.kind),
      );
    }
    const found = this.#objects.find(({ row }) => {
      switch (target.kind) {
        case "database":
          return row.kind === "database";
        case "schema":
          return row.kind === "schema" && row.name === target.name;
        case "relation":
          return (
            (row.kind === "table" || row.kind === "sequence") &&
            row.schema === target.schema &&
            row.name === target.name
          );
        case "routine":
          return (
            (row.kind === "function" || row.kind === "procedure") &&
            row.oid === routines.get(target.signature)
          );
      }
    });
    return found && [found];
  }
}

/** Oids of functions by the signature as written. */
export async function findRoutines(
  session: Session,
  grants: readonly GrantStatement[],
): Promise<Map<string, string>> {
  const signatures = grants.flatMap(({ targets }) =>
    targets.flatMap((target) => (target.kind === "routine" ? [target.signature] : [])),
  );
  if (signatures.length === 0) return new Map();
  const rows = await session.query<{ signature: string; oid: string | null }>(
    `select s as signature,
       coalesce(case when s like '%)' then to_regprocedure(s)::oid else to_regproc(s)::oid end)::int8::text as oid
     from (select set_config('search_path', 'public', true)) p, json_array_elements_text($1::text::json) s`,
    [JSON.stringify([...new Set(signatures)])],
  );
  await session.script("set local search_path = pg_catalog");
  return new Map(rows.flatMap(({ signature, oid }) => (oid === null ? [] : [[signature, oid]])));
}

/** Why a name means nothing: it is not there, or its rights are not what `policies/` compares. */
export async function noSuchObject(
  session: Session,
  statement: PolicyStatement,
  target: Target,
  routines: ReadonlyMap<string, string>,
): Promise<Finding> {
  const oid = target.kind === "routine" ? (routines.get(target.signature) ?? null) : null;
  const relation = target.kind === "relation" ? qualified(target.schema, target.name) : null;
  const [other] = await session.query<{ schema: string; extension: string | null }>(findOther, [
    relation,
    oid,
  ]);
  if (other && isSystemSchema(other.schema)) return ofTheSystem(statement, other.schema);
  if (other?.extension) {
    return mistake(
      statement,
      "extension-object",
      `${relation ?? (target.kind === "routine" ? target.signature : "")} belongs to the extension ${ident(other.extension)}: rights on its objects cannot be declared`,
      "grant that in a migration, and acknowledge policies/outside-right in policies/lint.yaml",
    );
  }
  const isRoutine = target.kind === "routine";
  return mistake(
    statement,
    "unknown-object",
    `there is no ${isRoutine ? `function ${target.signature}` : relation === null ? describeSchema(target) : `table, view or sequence ${relation}`}`,
    isRoutine
      ? "write its schema and the types of its arguments alone: shared.f(uuid, text)"
      : "apply the migration that creates it first, or correct the name",
  );
}

function describeSchema(target: Target): string {
  const schema = schemaOf(target);
  return schema === undefined ? "the database" : `schema ${ident(schema)}`;
}
