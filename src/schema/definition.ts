/** Types, functions, operators and the like: what tables may use. */
import type { Address, Piece, SchemaObject } from "./object.ts";
import { stages } from "./object.ts";

/** Order of the kinds among definitions that do not depend on each other. */
const ranks = {
  foreignDataWrapper: 0,
  foreignServer: 1,
  collation: 2,
  type: 3,
  dictionary: 4,
  textSearch: 5,
  function: 6,
  aggregate: 7,
  operatorFamily: 8,
  operator: 9,
  operatorClass: 10,
  conversion: 11,
  cast: 12,
} as const;

export interface Definition {
  readonly rank: keyof typeof ranks;
  /** For messages: `function public.f(integer)`. Unique. */
  readonly label: string;
  /** Schema, or "" where the kind has none. */
  readonly schema: string;
  readonly addresses: readonly Address[];
  readonly elements?: SchemaObject["elements"];
  readonly pieces?: readonly Piece[];
  readonly requires?: readonly Address[];
  readonly statements: SchemaObject["statements"];
}

export function definition(what: Definition): SchemaObject {
  return {
    label: what.label,
    addresses: what.addresses,
    stage: stages.definitions,
    section: what.schema,
    key: [ranks[what.rank], what.label],
    block: what.label,
    ...(what.elements && { elements: what.elements }),
    ...(what.pieces && { pieces: what.pieces }),
    ...(what.requires && { requires: what.requires }),
    statements: what.statements,
  };
}
