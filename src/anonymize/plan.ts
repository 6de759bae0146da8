/** What is done to a database: data only, nothing of it is a secret but `settings`. */
export interface MaskingPlan {
  /**
   * Set in each session that reads, before its first COPY, as bound parameters:
   * `select set_config($1, $2, false)`. Derived subkeys, never the key itself.
   */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  /** Every table with rows of its own (plain tables and leaf partitions) that is copied. */
  readonly tables: readonly TableMasking[];
  /** Sixteen hex digits that tell keys apart. */
  readonly keyFingerprint: string;
  readonly isKeyEphemeral: boolean;
  /** SHA-256 of policies/masking.yaml, in hex. */
  readonly rulesHash: string;
}

export interface TableMasking {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** The stored columns that COPY carries (no generated ones), in attnum order. */
  readonly columns: readonly ColumnMasking[];
  /**
   * SQL to read from, with the alias `t` for the table: `ONLY "s"."t" t`, and the subqueries that
   * compute what several columns draw from, once for each row.
   */
  readonly from: string;
  /**
   * Set where a partition key is masked: rows may belong to another partition than the one they are
   * read from, so they are copied into this table, which routes them.
   */
  readonly routeTo?: { readonly schema: string; readonly name: string };
}

export interface ColumnMasking {
  readonly name: string;
  /** SQL over `from`, of the column's type; undefined: carried as it is. */
  readonly expression?: string;
  /** What a report says: the masker's name and why it is kept, per JSON path where there are several. */
  readonly rules: readonly {
    readonly path?: string;
    readonly masker: string;
    readonly reason?: string;
  }[];
}
