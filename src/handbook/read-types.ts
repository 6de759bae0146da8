/** Enums and domains, which columns name as their types. */
import { qualified } from "../db/identifier.ts";
import { takeComment, type Catalog } from "../schema/catalog.ts";
import { asReread } from "../schema/deparsed.ts";
import selectDomains from "../schema/domains.sql";
import selectEnums from "../schema/enums.sql";
import { address } from "../schema/object.ts";
import { shortType } from "../schema/type-name.ts";
import { anchorOf } from "./anchor.ts";
import type { TypePart } from "./model.ts";

interface EnumRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly labels: readonly string[];
}

interface DomainRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly base: string;
  readonly isNotNull: boolean;
  readonly default: string | null;
  readonly constraints: readonly { readonly definition: string | null }[];
}

export async function listTypes(
  catalog: Catalog,
): Promise<readonly (TypePart & { readonly schema: string })[]> {
  const enums = await catalog.session.query<EnumRow>(selectEnums);
  const domains = await catalog.session.query<DomainRow>(selectDomains);
  return [
    ...enums.map((row) => ({
      ...common(catalog, row),
      kind: "enum" as const,
      labels: row.labels,
      definition: undefined,
    })),
    ...domains.map((row) => ({
      ...common(catalog, row),
      kind: "domain" as const,
      labels: [],
      definition: [
        shortType(row.base),
        ...(row.default === null ? [] : [`DEFAULT ${asReread(row.default)}`]),
        ...(row.isNotNull ? ["NOT NULL"] : []),
        ...row.constraints.flatMap(({ definition }) =>
          definition === null ? [] : [asReread(definition)],
        ),
      ].join(" "),
    })),
  ].toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

function common(catalog: Catalog, { oid, schema, name }: EnumRow | DomainRow) {
  return {
    schema,
    id: qualified(schema, name),
    anchor: anchorOf(schema, "type", name),
    comment: takeComment(catalog, address("type", oid)),
  };
}
