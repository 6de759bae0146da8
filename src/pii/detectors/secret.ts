import { Look, type Detector } from "../detector.ts";

const known =
  /^(?:eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*|(?:AKIA|ASIA)[A-Z\d]{16}|ya29\.[\w-]{20,}|AIza[\w-]{35}|gh[pousr]_[A-Za-z\d]{36,}|github_pat_\w{40,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z\d]{16,}|whsec_[A-Za-z\d+/=]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_[A-Za-z\d]{36}|dop_v1_[\da-f]{64}|sk-[\w-]{20,}|otpauth:\/\/|-----BEGIN [A-Z ]*PRIVATE KEY-----|shpat_[\da-f]{32}|key-[\da-f]{32}$|EAA[A-Za-z\d]{60,})/;

const inText =
  /\b(?:(?:AKIA|ASIA)[A-Z\d]{16}|gh[pousr]_[A-Za-z\d]{36,}|xox[abeoprs]-\d[\w-]{10,}|sk_live_[A-Za-z\d]{16,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{10,})|-----BEGIN [A-Z ]*PRIVATE KEY-----|\b[a-z][a-z\d+]*:\/\/[^\s:/@]+:[^\s:/@]+@[^\s/]+/;

export const secret: Detector = {
  entity: "secret",
  says: "a secret that opens something",
  isDirect: false,
  kinds: ["text", "bytes", "uuid"],
  names:
    "api key, apikey, api token, api secret, secret key, secretkey, secret, client secret, app secret, shared secret, webhook secret, access token, accesstoken, refresh token, refreshtoken, auth token, authtoken, authentication token, authorization token, bearer token, id token, session token, reset token, reset password token, password reset token, password token, remember token, remember me token, confirmation token, activation token, activation key, verification token, email token, invite token, invitation token, magic link token, login token, unlock token, csrf token, oauth token, oauth secret, oauth access token, oauth token secret, private key, privatekey, encryption key, signing key, ssh key, ssh private key, pem, keystore, credentials, credential, otp secret, totp secret, two factor secret, mfa secret, mfa seed, otp seed, totp seed, otp backup codes, backup codes, recovery code, recovery codes, recovery token, seed phrase, mnemonic, license key personal, jwt, jwt token, token hash, token digest, aws secret, connection string, database url, dsn secret, verification code, otp, otp code, one time password, cle api, jeton, geheimnis, zugriffstoken",
  weakNames: "token, key material, nonce secret",
  value: {
    look({ text }) {
      if (known.test(text)) return Look.Yes;
      return text.length >= 4 && !/^\S+ \S+ \S+/.test(text) ? Look.Shape : Look.No;
    },
    chance: 1e-5,
    weight: 7,
    against: 4,
    within: ({ text }) => (text.length >= 20 ? inText.exec(text)?.[0] : undefined),
  },
};
