/** Which objects a statement means. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { mistake } from "../statement.ts";
import type { PolicyStatement } from "../statement.ts";
import type { GrantStatement, Target } from "./declared.ts";
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

export function noSuchObject(statement: PolicyStatement, target: Target): Finding {
  const what = {
    database: () => "the database",
    schema: (name: string) => `schema ${name}`,
    relation: (name: string) => `table, view or sequence ${name}`,
    routine: (name: string) => `function ${name}`,
    all: (name: string) => `schema ${name}`,
  }[target.kind];
  const name =
    target.kind === "relation"
      ? qualified(target.schema, target.name)
      : target.kind === "routine"
        ? target.signature
        : target.kind === "all"
          ? ident(target.schema)
          : target.kind === "schema"
            ? ident(target.name)
            : "";
  return mistake(
    statement,
    "unknown-object",
    `there is no ${what(name)}`,
    target.kind === "routine"
      ? "write its schema and the types of its arguments alone: shared.f(uuid, text)"
      : "apply the migration that creates it first, or correct the name",
  );
}
