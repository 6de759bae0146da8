/** The explicit list of detectors. */
import type { Detector } from "../detector.ts";
import { address } from "./address.ts";
import { age } from "./age.ts";
import { bankAccount } from "./bank-account.ts";
import { birthDate } from "./birth-date.ts";
import { cardSecurity } from "./card-security.ts";
import { city } from "./city.ts";
import { country } from "./country.ts";
import { cryptoWallet } from "./crypto-wallet.ts";
import { deviceId } from "./device-id.ts";
import { driverLicense } from "./driver-license.ts";
import { email } from "./email.ts";
import { freeText } from "./free-text.ts";
import { gender } from "./gender.ts";
import { health } from "./health.ts";
import { income } from "./income.ts";
import { ipAddress } from "./ip-address.ts";
import { location } from "./location.ts";
import { macAddress } from "./mac-address.ts";
import { healthId, nationalId } from "./national-id.ts";
import { onlineId } from "./online-id.ts";
import { passport } from "./passport.ts";
import { password } from "./password.ts";
import { paymentCard } from "./payment-card.ts";
import { personName } from "./person-name.ts";
import { phone } from "./phone.ts";
import { photo } from "./photo.ts";
import { postalCode } from "./postal-code.ts";
import { region } from "./region.ts";
import { secret } from "./secret.ts";
import { sensitive } from "./sensitive.ts";
import { socialProfile } from "./social-profile.ts";
import { username } from "./username.ts";
import { vehicle } from "./vehicle.ts";

export const detectors: readonly Detector[] = [
  // contact and identity
  email,
  phone,
  personName,
  username,
  birthDate,
  age,
  gender,
  photo,
  socialProfile,
  // places
  address,
  postalCode,
  city,
  region,
  country,
  location,
  // documents
  nationalId,
  healthId,
  passport,
  driverLicense,
  vehicle,
  // finance
  paymentCard,
  cardSecurity,
  bankAccount,
  cryptoWallet,
  income,
  // what articles 9 and 10 of the GDPR single out
  sensitive,
  health,
  // network
  ipAddress,
  macAddress,
  deviceId,
  onlineId,
  // secrets
  password,
  secret,
  // anything
  freeText,
];
