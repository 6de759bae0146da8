/** What is done to a database: data only, nothing of it is a secret but `settings`. */
export interface MaskingPlan {
  /** Set in each session that reads, before its first COPY, as bound parameters: `select set_config($1,$2,false)`; derived subkeys, never the key itself. */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  /** Every table with rows of its own (plain tables and leaf partitions) that is copied. */
  readonly tables: readonly TableMasking[];
}
export interface TableMasking {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** The stored columns that COPY carries (no generated ones), in attnum order. */
  readonly columns: readonly ColumnMasking[];
}
export interface ColumnMasking {
  readonly name: string;
  /** SQL over the table's alias `t`; undefined: carried as it is. */
  readonly expression?: string;
  /** What a report says: the masker's name and why it is kept, per JSON path where there are several. */
  readonly rules: readonly { readonly path?: string; readonly masker: string; readonly reason?: string }[];
}
