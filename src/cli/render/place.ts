/** Places in files as the reader would write them. */
import { isAbsolute, relative } from "node:path";
import type { Location } from "../../errors.ts";

/**
 * A place as seen from a directory. One that would only be reached through several `..` stays
 * absolute where that is shorter.
 */
export function seenFrom(directory: string, at: Location): Location {
  if (!isAbsolute(at.file)) return at;
  const short = relative(directory, at.file);
  return { ...at, file: short !== "" && short.length < at.file.length ? short : at.file };
}

/** The same for something that may carry a place. */
export function withPlaceSeenFrom<T extends { readonly at?: Location | undefined }>(
  directory: string,
  thing: T,
): T {
  return thing.at === undefined ? thing : { ...thing, at: seenFrom(directory, thing.at) };
}
