/** The explicit list of maskers: a file each, a line here. */
import { email } from "./email.ts";
import { firstName } from "./first-name.ts";
import { keep } from "./keep.ts";
import type { Masker } from "./masker.ts";
import { uuid } from "./uuid.ts";

export const maskers: readonly Masker[] = [keep, email, firstName, uuid];

export function maskerNamed(name: string): Masker | undefined {
  return maskers.find((one) => one.name === name);
}
