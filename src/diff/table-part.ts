/** A column or constraint that differs, and the partitioned table above. */
import { ident } from "../db/identifier.ts";
import { readTable } from "../schema/compare/table-elements.ts";
import type { TableDifference } from "../schema/compare/words.ts";

/** The partitioned table or index that something is attached to before, as it was and is. */
export interface Parent {
  readonly label: string;
  readonly was: readonly string[];
  /** Empty where it is gone. */
  readonly is: readonly string[];
  /** What it is attached to itself. */
  readonly above?: Parent;
}

export function elementOf({ was }: Parent, kind: string, name: string | undefined) {
  const elements = readTable(was[0] ?? "")?.elements ?? [];
  return elements.find((one) => one.kind === kind && one.name === name);
}

export function isAbout(
  { element }: TableDifference,
  { element: other }: TableDifference,
): boolean {
  return element?.kind === other?.kind && element?.name === other?.name;
}

export function partOf({ element }: Pick<TableDifference, "element">): string {
  return element ? `${element.kind} ${ident(element.name)}` : "";
}

export function nameOf({ element, kind }: Pick<TableDifference, "element" | "kind">): string {
  if (!element) return kind === "column-order" ? "the order of its columns" : "the table";
  return `${element.kind} ${element.name === "" ? `\`${element.text}\`` : ident(element.name)}`;
}
