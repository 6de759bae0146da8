/** Rows that foreign keys can point to: made ones, and those that are there already. */

export interface Source {
  readonly count: number;
  /** So many of them, the first ones, are in the database already. */
  readonly stored: number;
  /** Text of a column of the row, as PostgreSQL reads it. */
  value(column: string, row: number): string | null;
  /** When the row came to be, in seconds. */
  born(row: number): number;
  /** Stored rows have a column that says so. */
  readonly isBornKnown?: boolean;
}

/** Rows of the database, with the columns that other tables refer to. */
export interface StoredRows {
  readonly columns: ReadonlyMap<string, readonly (string | null)[]>;
  readonly count: number;
  readonly born: readonly number[] | undefined;
}

export function storedSource(rows: StoredRows, otherwise: number): Source {
  return {
    count: rows.count,
    stored: rows.count,
    isBornKnown: rows.born !== undefined,
    value: (column, row) => rows.columns.get(column)?.[row] ?? null,
    born: (row) => rows.born?.[row] ?? otherwise,
  };
}

/** First the rows of one source, then those of the other. */
export function joinSources(first: Source, then: Source): Source {
  return {
    stored: first.stored,
    get count() {
      return first.count + then.count;
    },
    value: (column, row) =>
      row < first.count ? first.value(column, row) : then.value(column, row - first.count),
    born: (row) => (row < first.count ? first.born(row) : then.born(row - first.count)),
  };
}
