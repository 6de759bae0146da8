/** What differs between two definitions of one object, in the words of `diff`, `drift` and `test`. */
import { ident } from "../../db/identifier.ts";
import { inShort } from "../../db/sql-text.ts";
import { diffLines } from "../line-diff.ts";
import { describeColumn } from "./column-words.ts";
import type { TableElement } from "./table-elements.ts";
import { readTable } from "./table-elements.ts";

/** Longer texts are shortened, or shown as the lines that differ. */
const longestShown = 100;
const mostLines = 12;

/** One column or constraint, what stands around them, or the order of the columns. */
export interface TableDifference {
  readonly kind: "gone" | "new" | "changed" | "around" | "column-order";
  /** The column or constraint, as it is where it is there; undefined for what is about the table. */
  readonly element?: TableElement;
  /** What follows its name, for what is there on both sides: "takes NULL and did not". */
  readonly how: string;
  readonly before: string | null;
  readonly now: string | null;
}

/**
 * Two CREATE TABLE as a dump writes them. Undefined where one of them is none. The parser must be
 * loaded.
 */
export function compareTables(before: string, now: string): TableDifference[] | undefined {
  const [had, has] = [readTable(before), readTable(now)];
  if (!had || !has) return undefined;
  const [old, found] = [byKey(had.elements), byKey(has.elements)];
  const differences: TableDifference[] = [];
  for (const [key, element] of old) {
    const other = found.get(key);
    if (!other) {
      differences.push({ kind: "gone", element, how: "", before: element.text, now: null });
    } else if (other.text !== element.text) {
      const how =
        element.kind === "column"
          ? describeColumn(element.text, other.text)
          : describeDefinition(element.text, other.text);
      const texts = { before: element.text, now: other.text };
      differences.push({ kind: "changed", element: other, how, ...texts });
    }
  }
  for (const [key, element] of found) {
    if (old.has(key)) continue;
    differences.push({ kind: "new", element, how: "", before: null, now: element.text });
  }
  const order = columnNames(old, found);
  const orderNow = columnNames(found, old);
  if (order.join() !== orderNow.join()) {
    differences.push({
      kind: "column-order",
      how: `stand in another order: ${moved(order, orderNow)}`,
      before: order.join(", "),
      now: orderNow.join(", "),
    });
  }
  if (had.frame !== has.frame) {
    const how = `is made by \`${has.frame}\`, not by \`${had.frame}\``;
    differences.push({ kind: "around", how, before, now });
  }
  return differences;
}

/** "is `…` and was `…`"; of long texts, the lines that differ. */
export function describeDefinition(before: string, now: string): string {
  if ([before, now].every((text) => text.length <= longestShown && !text.includes("\n"))) {
    return `is \`${now}\` and was \`${before}\``;
  }
  const lines = diffLines(`${before}\n`, `${now}\n`, 0).lines.filter((line) => /^[-+]/.test(line));
  const shown = lines.slice(0, mostLines);
  const cut =
    lines.length > shown.length ? [`… and ${lines.length - shown.length} lines more`] : [];
  const text = [...shown, ...cut].map((line) => `  ${line}`).join("\n");
  return `differs (- as it was, + as it is):\n${text}`;
}

/** A statement in one line, shortened where it is long. */
export function inOneLine(statement: string): string {
  return inShort(statement, longestShown);
}

/** A constraint without a name is known by its text. */
function byKey(elements: readonly TableElement[]): ReadonlyMap<string, TableElement> {
  return new Map(
    elements.map((element) => [
      `${element.kind} ${element.name === "" ? element.text : element.name}`,
      element,
    ]),
  );
}

/** In their order, those that the other table has too. */
function columnNames(
  elements: ReadonlyMap<string, TableElement>,
  others: ReadonlyMap<string, TableElement>,
): string[] {
  return [...elements]
    .filter(([key, element]) => element.kind === "column" && others.has(key))
    .map(([, { name }]) => ident(name));
}

/** "email is the 4th and was the 2nd" for one that went, both lists for more. */
function moved(before: readonly string[], now: readonly string[]): string {
  const single = before.find(
    (name) =>
      before.filter((one) => one !== name).join() === now.filter((one) => one !== name).join(),
  );
  if (single !== undefined && before.length > 2) {
    return `${single} is number ${now.indexOf(single) + 1} and was number ${before.indexOf(single) + 1}`;
  }
  return `${now.join(", ")} and not ${before.join(", ")}`;
}
