/** The name PostgreSQL gives to an object that it had to name itself. */

/** A name has at most NAMEDATALEN - 1 bytes. */
const longestName = 63;

/**
 * `table_column_label`, shortened as makeObjectName() does: bytes are taken from the longer of
 * the two names until it fits, and never half a character is left.
 */
export function defaultName(table: string, column: string | undefined, label: string): string {
  const overhead = label.length + 1 + (column === undefined ? 0 : 1);
  let tableBytes = Buffer.byteLength(table);
  let columnBytes = column === undefined ? 0 : Buffer.byteLength(column);
  while (tableBytes + columnBytes > longestName - overhead) {
    if (tableBytes > columnBytes) tableBytes -= 1;
    else columnBytes -= 1;
  }
  const parts = [clip(table, tableBytes)];
  if (column !== undefined) parts.push(clip(column, columnBytes));
  return [...parts, label].join("_");
}

function clip(name: string, bytes: number): string {
  let used = 0;
  let clipped = "";
  for (const character of name) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    clipped += character;
  }
  return clipped;
}
