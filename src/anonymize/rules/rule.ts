/** The rules of policies/masking.yaml, read and not yet held against a database. */
import type { Location } from "../../errors.ts";
import type { Ignored } from "../../pii/ignore.ts";
import type { Locale } from "../../seed/dictionary.ts";
import type { MaskOptions } from "../maskers/masker.ts";
import type { RulePath } from "./path.ts";

export interface Rule {
  readonly path: RulePath;
  /** `keep` for what is carried as it is. */
  readonly masker: string;
  readonly options: MaskOptions;
  readonly domain: string | undefined;
  readonly isDeterministic: boolean;
  /** On a path that ends in `**`: paths below it that are kept. */
  readonly keep: readonly string[];
  readonly reason: string | undefined;
  readonly at: Location | undefined;
}

export interface Mirror {
  readonly table: string;
  readonly values: readonly string[];
  readonly key: string | undefined;
  readonly at: Location | undefined;
}

export interface TableRules {
  /** `schema.name` */
  readonly table: string;
  readonly where: string | undefined;
  readonly keepReason: string | undefined;
  readonly rules: readonly Rule[];
  readonly mirror: Mirror | undefined;
  readonly at: Location | undefined;
}

export interface QuasiIdentifiers {
  /** `schema.name` */
  readonly table: string;
  readonly columns: readonly string[];
  readonly at: Location | undefined;
}

export interface MaskingRules {
  /** As messages name it. */
  readonly file: string;
  /** Text of the file, for code frames. */
  readonly source: string;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
  readonly locale: Locale;
  readonly unclassified: "fail" | "mask" | "keep";
  readonly tables: readonly TableRules[];
  /** Rows that must be alike in these columns; undefined: `verify` only says how many are. */
  readonly k: number | undefined;
  readonly quasiIdentifiers: readonly QuasiIdentifiers[];
  /** What policies/pii.yaml says is no personal data. */
  readonly ignored: readonly Ignored[];
}
