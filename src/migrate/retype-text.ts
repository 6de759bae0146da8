/** The words of `ALTER TABLE … ALTER COLUMN … TYPE`, whose tree cannot be turned back into SQL. */
import type { Token, Tree } from "../db/script.ts";
import { parseScript, scanTokens } from "../db/script.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";

/** One column that gets another type. */
export interface Retype {
  readonly column: string;
  /** The new type as it is written. */
  readonly type: string;
  /** What is written after USING. */
  readonly using: string | undefined;
  /** Nothing but the value itself is converted: no USING, or `USING c::type`. */
  readonly isPlain: boolean;
  /** The modifiers of the new type, such as its length; null for one that is no number. */
  readonly modifiers: readonly (number | null)[];
}

/** The columns that an ALTER TABLE gives another type. */
export function retypesIn(text: string): Retype[] {
  // Parsed once more: the places in a statement's tree are those of the script it stands in.
  const alter = as(parseScript(text)[0]?.node, "AlterTableStmt");
  const tokens = scanTokens(text);
  const bytes = Buffer.from(text);
  return allOf(alter?.cmds, "AlterTableCmd").flatMap(({ subtype, name = "", def }) => {
    const column = as(def, "ColumnDef");
    if (subtype !== "AT_AlterColumnType" || !column?.typeName) return [];
    const first = tokens.findIndex(({ start }) => start === column.typeName?.location);
    const command = tokens.slice(first, endOfCommand(tokens, first));
    const using = command.findIndex((token) => isWord(token, "using"));
    const end = command.findIndex((token) => isWord(token, "using") || isWord(token, "collate"));
    const textOf = (part: readonly Token[]) =>
      bytes.subarray(part[0]?.start, part.at(-1)?.end).toString();
    return {
      column: name,
      type: textOf(command.slice(0, end < 0 ? undefined : end)),
      using: using < 0 ? undefined : textOf(command.slice(using + 1)),
      isPlain: isValueItself(column.raw_default, name, column.typeName),
      // The parser leaves out what is 0: `ival: {}` is timestamptz(0).
      modifiers: (column.typeName.typmods ?? []).map((node) => {
        const number = as(node, "A_Const")?.ival;
        return number ? (number.ival ?? 0) : null;
      }),
    };
  });
}

/** Index of the comma before the next command, or of the end. */
function endOfCommand(tokens: readonly Token[], first: number): number {
  let depth = 0;
  for (let i = first; i < tokens.length; i += 1) {
    const text = tokens[i]?.text ?? "";
    if (text === "(" || text === "[") depth += 1;
    else if (text === ")" || text === "]") depth -= 1;
    else if (text === "," && depth === 0) return i;
  }
  return tokens.length;
}

function isWord({ text }: Token, word: string): boolean {
  return text.toLowerCase() === word;
}

function isValueItself(using: Tree.Node | undefined, column: string, type: Tree.TypeName): boolean {
  if (!using) return true;
  const cast = as(using, "TypeCast");
  const value = stringsOf(as(cast ? cast.arg : using, "ColumnRef")?.fields);
  const hasSameType =
    !cast?.typeName ||
    (!cast.typeName.typmods &&
      !cast.typeName.arrayBounds === !type.arrayBounds &&
      stringsOf(cast.typeName.names).join(".") === stringsOf(type.names).join("."));
  return value.length === 1 && value[0] === column && hasSameType;
}
