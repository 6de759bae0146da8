/** What a masker is: from one value and drawn bits to SQL. */
import type { Draw } from "../draw.ts";
import type { Fold } from "../fold.ts";
import type { Dictionary } from "../../seed/dictionary.ts";
import type { Kind, ValueType } from "../type-kind.ts";

/** What a rule may say beside the masker's name. */
export interface MaskOptions {
  readonly value?: string | number | boolean | null | undefined;
  readonly values?: readonly (string | number | boolean)[] | undefined;
  /** partial, prefix: characters kept at the beginning and at the end. */
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  readonly with?: string | undefined;
  /** hash: hex digits. */
  readonly length?: number | undefined;
  /** date_shift: the column that names the subject. */
  readonly by?: string | undefined;
  readonly max_days?: number | undefined;
  readonly unit?: string | undefined;
  /** noise. */
  readonly percent?: number | undefined;
  /** range. */
  readonly width?: number | undefined;
  readonly country?: string | undefined;
  /** redact: columns of the row whose values are taken out too. */
  readonly names?: readonly string[] | undefined;
  readonly sql?: string | undefined;
}

export type OptionName = keyof MaskOptions;

/** What a masker is given. `value` is never NULL where its expression is evaluated. */
export interface MaskInput {
  /** SQL of the original. */
  readonly value: string;
  /** SQL of the original as text. */
  readonly text: string;
  readonly type: ValueType;
  readonly draw: Draw;
  /** SQL that picks one of the words. */
  readonly pick: (words: readonly string[]) => string;
  readonly options: MaskOptions;
  /** Two originals must not become the same. */
  readonly isUnique: boolean;
  readonly isNullable: boolean;
  readonly dictionary: Dictionary;
  /** SQL of a text's bytes in UTF-8. */
  readonly utf8: (text: string) => string;
  /** SQL of a varbit of drawn letters, see letters.ts. */
  readonly letters: () => string;
  /** SQL of a column of the same row, where the rule names one. */
  readonly column: (name: string) => string;
  /** date_shift: bits that all rows of the subject have in common. */
  readonly subject: () => Draw;
  /** shuffle: SQL of the value of another row. */
  readonly shuffled: () => string;
}

/**
 * Whether two different originals can become the same:
 * - bijective: never, whatever is drawn;
 * - drawn: as rarely as two draws of 64 bits or more are the same;
 * - lossy: often.
 */
export type Uniqueness = "bijective" | "drawn" | "lossy";

/** strong: nothing of the original is left; weak: some of it is; none: all of it. */
export type Strength = "strong" | "weak" | "none";

export interface Masker {
  readonly name: string;
  /** What comes out, for reports and the reference. */
  readonly gives: string;
  readonly accepts: readonly Kind[] | "any";
  readonly options: readonly OptionName[];
  /**
   * Where its bits come from: `draw`, from the row, or from the value where the column is in a
   * domain; `value`, from the original alone, so that equal originals always become equal;
   * `nothing`: the same for all.
   */
  readonly from: "draw" | "value" | "nothing";
  readonly uniqueness: Uniqueness;
  readonly strength: Strength;
  /** What comes out looks like what went in, so whether a check accepts it is told by real rows only. */
  readonly isShapedByOriginal?: boolean;
  /** Originals that mean the same although the database tells them apart. */
  readonly fold?: Fold;
  /** The letters of its text are all lower-case, so that lower() and citext keep it unique. */
  readonly isLowerCase?: boolean;
  /** Why it cannot be used here; undefined where it can. */
  refuse?(
    input: Omit<MaskInput, "draw" | "pick" | "letters" | "subject" | "shuffled">,
  ): string | undefined;
  /** SQL of the masked value, which the caller casts to the column's type. */
  compile(input: MaskInput): string;
}

/** Lower-case ASCII letters of a name, for addresses. */
export function slug(word: string): string {
  return word
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");
}

/** Short enough for varchar(n); masks that must stay unique fit by themselves. */
export function fit(sql: string, maxLength: number | undefined): string {
  return maxLength === undefined ? sql : `left(${sql}, ${maxLength})`;
}
