/** Which columns hold personal data, as far as names and types say. */
import type { Catalog, Column, Table } from "./catalog.ts";
import { nameOf } from "./catalog.ts";

export interface PersonalColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly entity: string;
  /** By itself it says who it is: an e-mail address, not a city. */
  readonly direct: boolean;
}

interface Word {
  readonly entity: string;
  readonly direct: boolean;
  readonly words: readonly string[];
}

/** Words of column names, each a whole word or several joined by `_`. */
const words: readonly Word[] = [
  { entity: "email", direct: true, words: ["email", "e_mail", "mail", "courriel", "correo"] },
  {
    entity: "phone",
    direct: true,
    words: [
      "phone",
      "tel",
      "telephone",
      "mobile",
      "cell",
      "fax",
      "msisdn",
      "whatsapp",
      "telefon",
      "handy",
      "movil",
    ],
  },
  {
    entity: "first name",
    direct: false,
    words: ["first_name", "fname", "given_name", "forename", "middle_name", "vorname", "prenom"],
  },
  {
    entity: "last name",
    direct: true,
    words: ["last_name", "lname", "surname", "family_name", "maiden_name", "nachname", "apellido"],
  },
  {
    entity: "full name",
    direct: true,
    words: ["full_name", "person_name", "contact_name", "customer_name"],
  },
  {
    entity: "username",
    direct: true,
    words: ["username", "user_name", "login", "handle", "nickname", "screen_name"],
  },
  {
    entity: "date of birth",
    direct: false,
    words: ["dob", "birth", "birthday", "birthdate", "date_of_birth", "geburtsdatum"],
  },
  { entity: "gender", direct: false, words: ["gender", "sex"] },
  { entity: "ip", direct: false, words: ["ip", "ip_address", "client_address", "remote_addr"] },
  {
    entity: "street",
    direct: false,
    words: ["street", "address", "addr", "address_line", "strasse", "adresse"],
  },
  { entity: "city", direct: false, words: ["city", "town", "location", "ville", "ort"] },
  {
    entity: "postcode",
    direct: false,
    words: ["zip", "zipcode", "postcode", "postal_code", "plz"],
  },
  { entity: "iban", direct: true, words: ["iban", "account_number", "bank_account"] },
  { entity: "card", direct: true, words: ["card_number", "credit_card", "pan"] },
  {
    entity: "national id",
    direct: true,
    words: ["ssn", "national_id", "tax_id", "passport", "nin", "nif", "bsn"],
  },
  {
    entity: "password",
    direct: true,
    words: ["password", "passwd", "password_hash", "secret", "api_key", "token"],
  },
  {
    entity: "photo",
    direct: true,
    words: ["avatar", "photo", "picture", "avatar_url", "photo_url"],
  },
  { entity: "wallet", direct: true, words: ["wallet", "wallet_address"] },
];

/** The column as `scan` at its fastest would find it: by name. */
export function findPersonal(catalog: Catalog): PersonalColumn[] {
  return catalog.tables.flatMap((table) =>
    table.columns.flatMap((column) => judge(table, column) ?? []),
  );
}

function judge({ schema, name: table }: Table, column: Column): PersonalColumn | undefined {
  const name = `_${column.name
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")}_`;
  const found = words.find((one) => one.words.some((word) => name.includes(`_${word}_`)));
  // An address may be that of a contract or a machine. Counts of, flags about and references to something personal are not it.
  if (
    !found ||
    /_(?:count|id|at|is|has|enabled|verified)_/.test(
      name.replace("_tax_id_", "_").replace("_national_id_", "_"),
    )
  ) {
    return undefined;
  }
  if (column.typeName === "boolean") return undefined;
  return { schema, table, column: column.name, entity: found.entity, direct: found.direct };
}

/** `schema.table.column`. */
export function personalKey(table: Table, column: string): string {
  return `${nameOf(table)}.${column}`;
}
