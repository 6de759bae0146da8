/** What names say, whole words only. */
import { describe, expect, test } from "vitest";
import { readName } from "../../../src/pii/lexicon.ts";
import { splitName } from "../../../src/pii/name-words.ts";

const said = (name: string, parents: readonly string[] = []) =>
  readName(name, parents)
    .filter(({ strength }) => strength === "strong")
    .map(({ entity }) => entity);

test.each([
  ["homeAddress2", ["home", "address"]],
  ["IPAddr", ["ip", "addr"]],
  ["e-mail", ["e", "mail"]],
  ["Straße_Nr", ["strasse", "nr"]],
  ["date_of_birth", ["date", "of", "birth"]],
  ["Imię", ["imie"]],
])("%s", (name, words) => {
  expect(splitName(name)).toEqual(words);
});

describe("names say", () => {
  test.each([
    ["email", "email"],
    ["customerEmail", "email"],
    ["email_address_1", "email"],
    ["emailaddress", "email"],
    ["emails", "email"],
    ["firstName", "person_name"],
    ["customer_name", "person_name"],
    ["nachname", "person_name"],
    ["last_login_ip", "ip_address"],
    ["mac_address", "mac_address"],
    ["wallet_address", "crypto_wallet"],
    ["dateOfBirth", "birth_date"],
    ["fecha_nacimiento", "birth_date"],
    ["телефон", "phone"],
    ["password_hash", "password"],
    ["telephone_client", "phone"],
  ])("%s is %s", (name, entity) => {
    expect(said(name)).toEqual([entity]);
  });

  test.each([
    "email_count",
    "email_verified",
    "email_template",
    "phone_model_id",
    "address_type",
    "memory_address",
    "contract_address",
    "product_name",
    "file_name",
    "hostname",
    "statement",
    "public",
    "message_id",
    "password_changed_at",
    "max_emails",
    "token_count",
    "state",
    "storage",
    "landing",
  ])("%s says nothing by itself", (name) => {
    expect(said(name)).toEqual([]);
  });

  test("a name is a person's where the table is about people", () => {
    expect(said("name", ["customers"])).toEqual(["person_name"]);
    expect(said("name", ["products"])).toEqual([]);
  });
});
