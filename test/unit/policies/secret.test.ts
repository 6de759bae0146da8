/** Names of columns that must not reach a log unasked. */
import { describe, expect, it } from "vitest";
import type { AuditColumn } from "../../../src/policies/audit/column-form.ts";
import { looksSecret } from "../../../src/policies/audit/secret.ts";

const column = (name: string, baseType = "pg_catalog.text"): AuditColumn => ({
  number: 1,
  name,
  type: "",
  baseType,
  kind: "b",
  element: null,
  collation: null,
  isDeterministic: true,
  isNotNull: false,
  hasDefault: false,
  isGenerated: false,
  isIdentity: false,
});

describe("looksSecret", () => {
  it.each(
    "pw pwd user_pw login_pwd pwHash session_key sessionKey passphrase otp otp_code pin_code pin credential credentials oauth_credentials password_hash api_key refresh_token".split(
      " ",
    ),
  )("%s is", (name) => {
    expect(looksSecret(column(name))).toBe(true);
  });

  it.each("otp otp_code totp pin pin_code passcode cvv".split(" "))("%s is as a number", (name) => {
    expect(looksSecret(column(name, "pg_catalog.int4"))).toBe(true);
  });

  it.each(
    "pwm power spin pinned pinned_note pin_count session_key_id session_id key_session keyword optional otpion password_changed_at token_count credential_type shipping_pinboard secretary monkey cwd upward passport_country bypass".split(
      " ",
    ),
  )("%s is not", (name) => {
    expect(looksSecret(column(name))).toBe(false);
  });

  it("what cannot hold one is not", () => {
    expect(looksSecret(column("pw", "pg_catalog.bool"))).toBe(false);
    expect(looksSecret(column("otp", "pg_catalog.timestamptz"))).toBe(false);
    expect(looksSecret(column("session_key", "pg_catalog.int8"))).toBe(false);
    expect(looksSecret(column("credentials", "pg_catalog.int4"))).toBe(false);
  });
});
