/** Texts by what the column is called: one entry each, the first that fits is taken. */
import type { Scope } from "../scope.ts";
import { lengthOf } from "./length.ts";
import { capital, hex, paragraph, personOf, plain, sentence } from "./words.ts";
import { showWhole } from "./whole.ts";

export interface TextGenerator {
  readonly name: string;
  /** Column names (lower case, words joined by `_`) that it is meant for. */
  readonly fits: RegExp;
  /** Only in tables that are called so. */
  readonly tables?: RegExp;
  /** Each row gets a text of its own. */
  readonly isUnique?: boolean;
  make(scope: Scope): (row: number) => string;
}

const people =
  /(user|person|people|customer|client|employee|member|author|contact|patient|student|teacher|player|owner|account|profile|staff|guest)s?$/;
const companies =
  /(compan(y|ies)|organi[sz]ations?|vendors?|suppliers?|tenants?|businesses|business|firms?|manufacturers?|publishers?|brands?|stores?|shops?|merchants?)$/;
const products = /(products?|items?|articles?|goods|parts?)$/;

const domains = ["example.com", "example.org", "example.net"];
const person = (scope: Scope) => (row: number) => personOf(scope.person, scope.words, row);

function simple(
  name: string,
  fits: RegExp,
  value: (scope: Scope, row: number) => string,
  more: { tables?: RegExp; isUnique?: boolean } = {},
): TextGenerator {
  return { name, fits, ...more, make: (scope) => (row) => value(scope, row) };
}

/** The first form that the column has room for; where none fits, the last one is cut. */
function fitting(scope: Scope, usual: string, shorter: () => readonly string[]): string {
  const most = lengthOf(scope);
  if (usual.length <= most) return usual;
  const forms = shorter();
  return forms.find((text) => text.length <= most) ?? forms.at(-1) ?? usual;
}

const fullName = (scope: Scope, row: number) => {
  const { first, last } = person(scope)(row);
  return `${first} ${last}`;
};
const company = ({ draw, words }: Scope, row: number) =>
  `${draw.pick(words.last, row)} ${capital(draw.pick(words.companyNoun, row, 1))} ${draw.pick(words.companyKind, row, 2)}`;
const product = ({ draw, words }: Scope, row: number) =>
  `${capital(draw.pick(words.adjective, row))} ${draw.pick(words.material, row, 1)} ${draw.pick(words.product, row, 2)}`;
const title = ({ draw, words }: Scope, row: number) =>
  `${capital(draw.pick(words.adjective, row))} ${draw.pick(words.noun, row, 1)}`;

export const textGenerators: readonly TextGenerator[] = [
  simple(
    "email",
    /(^|_)e?_?mail(_address)?$|^email/,
    (scope, row) => {
      const { first, last } = person(scope)(row);
      const domain = scope.draw.pick(domains, row);
      const long = `${plain(first)}.${plain(last)}${showWhole(row + 1)}@${domain}`;
      // Half an address is none.
      return fitting(scope, long, () => [
        `${plain(first).slice(0, 1)}${plain(last)}${showWhole(row + 1)}@${domain}`,
        `${plain(first)}${showWhole(row + 1)}@${domain}`,
        `${plain(first).slice(0, 1)}${showWhole(row + 1)}@${domain}`,
        `${showWhole(row + 1)}@a.example`,
      ]);
    },
    { isUnique: true },
  ),
  simple("first name", /^(first|given|fore)_?name$|^fname$/, (s, row) => person(s)(row).first),
  simple("last name", /^(last|family|sur)_?name$|^lname$/, (s, row) => person(s)(row).last),
  simple("full name", /^(full|display|real|contact|customer|author)_?name$/, fullName),
  simple("full name", /^name$/, fullName, { tables: people }),
  simple("company", /^name$/, company, { tables: companies }),
  simple("product", /^name$/, product, { tables: products }),
  simple("company", /(company|organi[sz]ation|employer|vendor|supplier|brand)(_name)?$/, company),
  simple("product", /product(_name)?$/, product),
  simple(
    "user name",
    /^(user_?name|login|handle|nick_?name|screen_?name)$/,
    (scope, row) => {
      const { first, last } = person(scope)(row);
      return `${plain(first).slice(0, 1)}${plain(last)}${showWhole(row + 1)}`;
    },
    { isUnique: true },
  ),
  simple("gender", /^(gender|sex)$/, (s, row) => person(s)(row).gender),
  simple(
    "phone",
    /phone|mobile|telephone|(^|_)(fax|tel)(_|$)/,
    // 555-0100 to 555-0199 are kept for fiction.
    (scope, row) => {
      const { draw } = scope;
      const area = `${2 + draw.below(8, row)}${10 + draw.below(90, row, 1)}`;
      const line = `01${10 + draw.below(90, row, 2)}`;
      return fitting(scope, `+1-${area}-555-${line}`, () => [
        `${area}-555-${line}`,
        `${area}555${line}`,
        `555-${line}`,
        `555${line}`,
        line,
      ]);
    },
  ),
  simple(
    "picture",
    /(avatar|image|photo|picture|thumbnail|logo|icon|cover)(_?(url|uri|link))?$/,
    ({ draw }, row) => `https://cdn.example.com/images/${hex(draw, row, 16)}.jpg`,
  ),
  simple(
    "video",
    /video(_?(url|uri|link))?$/,
    ({ draw }, row) => `https://cdn.example.com/videos/${hex(draw, row, 16)}.mp4`,
  ),
  simple(
    "url",
    /(^|_)(url|uri|link|website|homepage|href|endpoint)$/,
    ({ draw, words }, row) =>
      `https://${draw.pick(domains, row)}/${plain(draw.pick(words.noun, row, 1))}/${hex(draw, row, 8)}`,
  ),
  simple("country code", /country_?code|^country_iso/, ({ draw, words }, row) =>
    draw.pick(words.countryCode, row),
  ),
  simple("country", /country(_name)?$|nationality/, ({ draw, words }, row) =>
    draw.pick(words.country, row),
  ),
  simple("city", /(city|town|locality)(_name)?$/, ({ draw, words }, row) =>
    draw.pick(words.city, row),
  ),
  simple("place", /^(location|place|venue|hometown)$/, ({ draw, words }, row) =>
    draw.pick(words.city, row),
  ),
  simple("state", /^(province|region|county|state_name)$/, ({ draw, words }, row) =>
    draw.pick(words.state, row),
  ),
  simple("postal code", /(zip|postal|post)_?(code)?$/, ({ draw }, row) =>
    showWhole(10_000 + draw.below(90_000, row)),
  ),
  simple(
    "street",
    /street|address/,
    ({ draw, words }, row) => `${1 + draw.below(200, row)} ${draw.pick(words.street, row, 1)}`,
  ),
  simple("job", /job|occupation|profession|^position$/, ({ draw, words }, row) =>
    draw.pick(words.job, row),
  ),
  simple("department", /department|division/, ({ draw, words }, row) =>
    draw.pick(words.department, row),
  ),
  simple(
    "slug",
    /slug|permalink/,
    ({ draw, words }, row) =>
      `${plain(draw.pick(words.adjective, row))}-${plain(draw.pick(words.noun, row, 1))}-${showWhole(row + 1)}`,
    { isUnique: true },
  ),
  simple(
    "ip address",
    /(^|_)ip(_?addr(ess)?)?$/,
    ({ draw }, row) => `192.0.2.${1 + draw.below(254, row)}`,
  ),
  simple("user agent", /user_?agent/, ({ draw }, row) =>
    draw.pick(
      ["Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (iPhone)", "Mozilla/5.0 (Windows NT 10.0)"],
      row,
    ),
  ),
  simple("colour", /colou?r/, ({ draw, words }, row) => draw.pick(words.colour, row)),
  simple("currency", /currency/, ({ draw, words }, row) => draw.pick(words.currency, row)),
  simple("time zone", /time_?zone|^tz$/, ({ draw, words }, row) => draw.pick(words.timeZone, row)),
  simple("language", /language|locale|^lang$/, ({ draw, words }, row) =>
    draw.pick(words.language, row),
  ),
  simple(
    "hash",
    /hash|token|secret|password|digest|checksum|signature|fingerprint|(^|_)(api_)?key$/,
    ({ draw }, row) => hex(draw, row, 40),
  ),
  simple("version", /version/, ({ draw }, row) =>
    [0, 1, 2].map((salt) => draw.below(10, row, salt)).join("."),
  ),
  simple(
    "file name",
    /file_?name|(^|_)path$/,
    ({ draw, words }, row) => `${plain(draw.pick(words.noun, row))}-${hex(draw, row, 4)}.pdf`,
  ),
  simple("mime type", /mime|content_type/, ({ draw }, row) =>
    draw.pick(["application/pdf", "image/jpeg", "image/png", "text/plain"], row),
  ),
  simple(
    "code",
    /(^|_)(sku|code|number|no|reference|ref|serial|barcode)$/,
    ({ draw }, row) => `${hex(draw, row, 4).toUpperCase()}-${showWhole(100_000 + row)}`,
    { isUnique: true },
  ),
  simple("state", /^(status|state|stage|phase)$/, ({ draw }, row) =>
    draw.pick(["active", "active", "active", "pending", "closed"], row),
  ),
  simple(
    "category",
    /(type|kind|category|class|group|level|role|tag|genre)$/,
    (scope, row) =>
      // A few values for the whole column, as such columns have.
      plain(scope.words.noun[scope.draw.key[3] & 0xff] ?? "") +
      "_" +
      "abcdef"[scope.draw.below(6, row)],
  ),
  simple(
    "text",
    /description|bio|body|content|notes?$|comment|message|text|summary|about|remarks?|details?|reason|review|caption|question|answer|instructions?|explanation/,
    ({ draw, words }, row) => paragraph(draw, words, row),
  ),
  simple("sentence", /title|subject|headline|heading/, ({ draw, words }, row) =>
    sentence(draw, words, row, 0).slice(0, -1),
  ),
  simple("name", /name|label/, title),
  simple("words", /./, title),
];
