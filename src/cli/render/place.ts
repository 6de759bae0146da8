/** Places in files as the reader would write them. */
import { isAbsolute, relative, sep } from "node:path";
import type { Location } from "../../errors.ts";

/**
 * A place as seen from a directory. One that would only be reached through several `..` stays
 * absolute where that is shorter.
 */
export function seenFrom(directory: string, at: Location): Location {
  if (!isAbsolute(at.file)) return at;
  const short = isPlainlyIn(directory, at.file)
    ? at.file.slice(directory.length + 1)
    : relative(directory, at.file);
  return { ...at, file: short !== "" && short.length < at.file.length ? short : at.file };
}

/** Spares most places a call of relative(), which resolves both paths again: 10 µs for each finding. */
function isPlainlyIn(directory: string, file: string): boolean {
  return file.startsWith(directory + sep) && !/[\\/](?:[.\\/]|$)/.test(file);
}

/** The same for something that may carry a place. */
export function withPlaceSeenFrom<T extends { readonly at?: Location | undefined }>(
  directory: string,
  thing: T,
): T {
  return thing.at === undefined ? thing : { ...thing, at: seenFrom(directory, thing.at) };
}
