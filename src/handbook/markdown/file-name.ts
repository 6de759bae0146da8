/** Where in the handbook's folder a schema stands. */
import { anchorOf } from "../anchor.ts";
import type { TableName } from "../model.ts";

export const firstFile = "README.md";

export function fileOf(schema: string): string {
  return `schemas/${anchorOf(schema)}.md`;
}

/** A link's target from the file of a schema. */
export function linkFrom(schema: string, to: TableName): string {
  return to.schema === schema ? `#${to.anchor}` : `${anchorOf(to.schema)}.md#${to.anchor}`;
}
