/** Lists of words, from faker's definitions of one locale; read once, picked from by hash. */
import type { Faker } from "@faker-js/faker";
import { isPlain } from "./encode.ts";

interface Lists {
  readonly locale: string;
  readonly female: readonly string[];
  readonly male: readonly string[];
  readonly last: readonly string[];
  readonly city: readonly string[];
  readonly state: readonly string[];
  readonly street: readonly string[];
  readonly country: readonly string[];
  readonly countryCode: readonly string[];
  readonly timeZone: readonly string[];
  readonly language: readonly string[];
  readonly word: readonly string[];
  readonly adjective: readonly string[];
  readonly noun: readonly string[];
  readonly verb: readonly string[];
  readonly companyNoun: readonly string[];
  readonly companyKind: readonly string[];
  readonly job: readonly string[];
  readonly product: readonly string[];
  readonly material: readonly string[];
  readonly department: readonly string[];
  readonly currency: readonly string[];
  readonly colour: readonly string[];
}

export interface Dictionary extends Lists {
  /** No word has a character that COPY would want escaped. */
  readonly isPlain: boolean;
}

/** Locales that faker has a name list of its own for. */
export const locales = ["en", "de", "fr", "es", "it", "nl", "pl", "pt_BR", "sv"] as const;
export type Locale = (typeof locales)[number];

const loaders: Record<Locale, () => Promise<{ faker: Faker }>> = {
  en: () => import("@faker-js/faker/locale/en"),
  de: () => import("@faker-js/faker/locale/de"),
  fr: () => import("@faker-js/faker/locale/fr"),
  es: () => import("@faker-js/faker/locale/es"),
  it: () => import("@faker-js/faker/locale/it"),
  nl: () => import("@faker-js/faker/locale/nl"),
  pl: () => import("@faker-js/faker/locale/pl"),
  pt_BR: () => import("@faker-js/faker/locale/pt_BR"),
  sv: () => import("@faker-js/faker/locale/sv"),
};

/** Loads the lists of a locale; what it lacks is English. */
export async function loadDictionary(locale: Locale): Promise<Dictionary> {
  const { definitions } = (await loaders[locale]()).faker;
  const { person, location, company, commerce, word, finance, color } = definitions;
  const generic = [...(person.first_name.generic ?? [])];
  const half = Math.ceil(generic.length / 2);
  const or = (list: unknown, fallback: readonly string[]) =>
    Array.isArray(list) && list.length > 0 ? (list as string[]) : fallback;
  const lists: Lists = {
    locale,
    female: or(person.first_name.female, generic.slice(0, half)),
    male: or(person.first_name.male, generic.slice(half)),
    last: or(person.last_name.generic, or(person.last_name.female, ["Smith"])),
    city: or(location.city_name, ["Springfield"]),
    state: or(location.state, ["North"]),
    street: or(location.street_name, or(location.street_suffix, ["Main Street"])),
    country: or(location.country, ["Norway"]),
    countryCode: location.country_code.map(({ alpha2 }) => alpha2),
    timeZone: or(location.time_zone, ["UTC"]),
    language: location.language.map(({ alpha2 }) => alpha2),
    word: or(word.noun, or(definitions.lorem.word, ["word"])),
    adjective: or(word.adjective, ["good"]),
    noun: or(word.noun, ["thing"]),
    verb: or(word.verb, ["do"]),
    companyNoun: or(company.noun, ["solution"]),
    companyKind: or(company["legal_entity_type"], ["Ltd"]),
    job: or(person.job_type, ["Engineer"]),
    product: or(commerce.product_name.product, ["Chair"]),
    material: or(commerce.product_name.material, ["Steel"]),
    department: or(commerce.department, ["Tools"]),
    currency: finance.currency.map(({ code }) => code),
    colour: or(color.human, ["red"]),
  };
  return { ...lists, isPlain: Object.values(lists).flat().every(isPlain) };
}
