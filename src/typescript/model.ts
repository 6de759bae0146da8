/** Tables as a program sees them. */

export interface TypedTable {
  readonly schema: string;
  readonly name: string;
  /** Views and materialized views are only read. */
  readonly isView: boolean;
  readonly comment: string | null;
  readonly columns: readonly TypedColumn[];
}

export interface TypedColumn {
  readonly name: string;
  readonly comment: string | null;
  /** As format_type prints it, for the comment. */
  readonly type: string;
  readonly value: ValueType;
  readonly isNullable: boolean;
  /** A row may be inserted without it. */
  readonly isOptional: boolean;
  /** The server alone gives its value. */
  readonly isReadOnly: boolean;
}

export type ValueType =
  | { readonly kind: "scalar"; readonly schema: string; readonly name: string }
  | { readonly kind: "enum"; readonly schema: string; readonly name: string }
  /** Null where what it holds is not told apart by the driver, which gives its text. */
  | { readonly kind: "array"; readonly of: ValueType };

export interface TypedEnum {
  readonly schema: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly comment: string | null;
}

export interface TypedSchema {
  readonly tables: readonly TypedTable[];
  readonly enums: readonly TypedEnum[];
}
