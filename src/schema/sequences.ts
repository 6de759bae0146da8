import { ident, qualified } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { address, stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import { parts } from "./relations.ts";
import type { Relations } from "./relations.ts";
import listSequences from "./sequences.sql";

export interface Sequence {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly isUnlogged: boolean;
  readonly type: string;
  // 64 bits each, hence texts.
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly isCycling: boolean;
  /** Table and column that own it, null for a free one. */
  readonly relation: number | null;
  readonly column: number | null;
  readonly isIdentity: boolean | null;
}

export async function readSequences(catalog: Catalog): Promise<Sequence[]> {
  return catalog.session.query<Sequence>(listSequences);
}

/** Sequences other than those of identity columns, which belong to their table. */
export function sequenceObjects(
  catalog: Catalog,
  sequences: readonly Sequence[],
  relations: Relations,
): SchemaObject[] {
  return sequences
    .filter((sequence) => sequence.isIdentity !== true)
    .map((sequence) => {
      const own = address("class", sequence.oid);
      const id = qualified(sequence.schema, sequence.name);
      const owner = relations.get(sequence.relation ?? 0);
      const options = sequenceOptions(sequence).map((option) => `\n    ${option}`);
      const type = sequence.type === "bigint" ? "" : ` AS ${sequence.type}`;
      const unlogged = sequence.isUnlogged ? "UNLOGGED " : "";
      const statements = [
        `CREATE ${unlogged}SEQUENCE ${id}${type}${options.join("")}`,
        ...attributesOf(catalog, {
          address: own,
          name: `SEQUENCE ${id}`,
          grant: `SEQUENCE ${id}`,
          owner: sequence.owner,
        }),
      ];
      return {
        label: `sequence ${id}`,
        addresses: [own],
        stage: stages.tables,
        section: owner?.section ?? sequence.schema,
        key: owner ? [...owner.key, parts.sequence, sequence.name] : [0, sequence.name],
        block: owner?.block ?? `sequence ${id}`,
        relation: owner?.id,
        // It exists before its table, whose own statements make it the owner.
        ...(owner && { ignores: [address("class", owner.oid)] }),
        statements: () => statements,
      };
    });
}

const limits: Readonly<Record<string, readonly [min: string, max: string]>> = {
  smallint: ["-32768", "32767"],
  integer: ["-2147483648", "2147483647"],
  bigint: ["-9223372036854775808", "9223372036854775807"],
};

/** The options that differ from what a sequence of this type and direction has anyway. */
export function sequenceOptions(sequence: Sequence): string[] {
  const isDescending = sequence.increment.startsWith("-");
  const [lowest, highest] = limits[sequence.type] ?? ["", ""];
  const min = isDescending ? lowest : "1";
  const max = isDescending ? "-1" : highest;
  const start = isDescending ? sequence.max : sequence.min;
  return [
    ...(sequence.start === start ? [] : [`START WITH ${sequence.start}`]),
    ...(sequence.increment === "1" ? [] : [`INCREMENT BY ${sequence.increment}`]),
    ...(sequence.min === min ? [] : [`MINVALUE ${sequence.min}`]),
    ...(sequence.max === max ? [] : [`MAXVALUE ${sequence.max}`]),
    ...(sequence.cache === "1" ? [] : [`CACHE ${sequence.cache}`]),
    ...(sequence.isCycling ? ["CYCLE"] : []),
  ];
}

/** `ALTER SEQUENCE … OWNED BY`, a statement of the owning table. */
export function ownedBy(sequence: Sequence, table: string, column: string): string {
  const id = qualified(sequence.schema, sequence.name);
  return `ALTER SEQUENCE ${id} OWNED BY ${table}.${ident(column)}`;
}
