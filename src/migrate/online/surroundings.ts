/** What the safe forms of statements depend on in the catalog. */
import type { Session } from "../../db/session.ts";
import { readModel } from "../../locks/catalog.ts";
import type { Model } from "../../locks/model.ts";
import listOtherNames from "./other-names.sql";
import listPartitions from "./partitions.sql";

/** A partition that holds rows itself. */
export interface Leaf {
  /** With its schema, `public.` left out, as tables are called in the model. */
  readonly name: string;
  readonly isForeign: boolean;
  /** Columns of each of its indexes that belongs to no index of the parent; null stands for an expression. */
  readonly looseIndexes: readonly (readonly (string | null)[])[];
}

export interface Surroundings {
  readonly model: Model;
  /** Names of what the model does not hold. */
  readonly otherNames: ReadonlySet<string>;
  /** By the name of the partitioned table, those below partitioned partitions too. */
  readonly leaves: ReadonlyMap<string, readonly Leaf[]>;
}

/** Reads the catalog: the model's queries and two more. */
export async function readSurroundings(session: Session): Promise<Surroundings> {
  const model = await readModel(session);
  const names = await session.query<{ name: string }>(listOtherNames);
  const partitions = await session.query<{ root: string; leaves: string }>(listPartitions);
  return {
    model,
    otherNames: new Set(names.map(({ name }) => name)),
    leaves: new Map(partitions.map(({ root, leaves }) => [root, JSON.parse(leaves) as Leaf[]])),
  };
}

/** Those of a model that files alone have told: which partitions there are, nobody knows. */
export function surroundingsOf(model: Model): Surroundings {
  return { model, otherNames: new Set(), leaves: new Map() };
}
