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
  /** With as many dimensions as it was declared with: `integer[][]` has 2. */
  | { readonly kind: "array"; readonly of: ElementType; readonly dimensions: number };

/** What an array holds. */
export type ElementType = Exclude<ValueType, { kind: "array" }>;

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
