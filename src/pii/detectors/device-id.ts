import { luhn } from "../checksums/digits.ts";
import { Look, type Detector } from "../detector.ts";

export const deviceId: Detector = {
  entity: "device_id",
  says: "an identifier of a person's device",
  isDirect: true,
  kinds: ["text", "number", "uuid"],
  names:
    "imei, imei number, imei 1, imei 2, meid, imsi, iccid, idfa, idfv, gaid, aaid, advertising id, ad id, device id, deviceid, device uuid, device identifier, device fingerprint, android id, udid, push token, device token, apns token, fcm token, serial number device, device serial, machine id, hardware id, sim number, sim serial",
  value: {
    look({ compact }) {
      // A type allocation code begins with a reporting body's two digits: 01, 35, 86, 99 …
      if (!/^(?:01|35|44|45|49|5[0-4]|86|91|98|99)\d{13}$/.test(compact)) return Look.No;
      return luhn(compact) ? Look.Yes : Look.Shape;
    },
    chance: 0.1,
    weight: 5.5,
    against: 0,
  },
};
