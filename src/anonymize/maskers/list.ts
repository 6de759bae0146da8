/** The explicit list of maskers: a file each, a line here. */
import { card } from "./card.ts";
import { choice } from "./choice.ts";
import { city } from "./city.ts";
import { company } from "./company.ts";
import { country } from "./country.ts";
import { dateShift } from "./date-shift.ts";
import { dateTrunc } from "./date-trunc.ts";
import { digits } from "./digits.ts";
import { email } from "./email.ts";
import { firstName } from "./first-name.ts";
import { fixed } from "./fixed.ts";
import { fullName } from "./full-name.ts";
import { hash } from "./hash.ts";
import { iban } from "./iban.ts";
import { integer } from "./integer.ts";
import { ip } from "./ip.ts";
import { keep } from "./keep.ts";
import { lastName } from "./last-name.ts";
import { mac } from "./mac.ts";
import type { Masker } from "./masker.ts";
import { noise } from "./noise.ts";
import { nothing } from "./null.ts";
import { partial } from "./partial.ts";
import { phone } from "./phone.ts";
import { postcode } from "./postcode.ts";
import { prefix } from "./prefix.ts";
import { range } from "./range.ts";
import { redact } from "./redact.ts";
import { scramble } from "./scramble.ts";
import { shuffle } from "./shuffle.ts";
import { sql } from "./sql.ts";
import { street } from "./street.ts";
import { url } from "./url.ts";
import { username } from "./username.ts";
import { uuid } from "./uuid.ts";

export const maskers: readonly Masker[] = [
  keep,
  nothing,
  fixed,
  email,
  username,
  firstName,
  lastName,
  fullName,
  company,
  street,
  city,
  postcode,
  country,
  phone,
  ip,
  mac,
  url,
  uuid,
  integer,
  digits,
  card,
  iban,
  hash,
  partial,
  prefix,
  scramble,
  dateShift,
  dateTrunc,
  noise,
  range,
  shuffle,
  choice,
  redact,
  sql,
];

export function maskerNamed(name: string): Masker | undefined {
  return maskers.find((one) => one.name === name);
}
