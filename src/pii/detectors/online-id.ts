import { Look, type Detector } from "../detector.ts";

const agent = /^(?:Mozilla|Opera|Dalvik|okhttp|curl|PostmanRuntime|Safari|CFNetwork)\/\d/;
const analytics = /^GA1\.\d\.\d+\.\d+$|^fb\.1\.\d+\.\d+$/;

export const onlineId: Detector = {
  entity: "online_id",
  says: "what a browser or session is followed by",
  isDirect: false,
  kinds: ["text", "uuid"],
  names:
    "user agent, useragent, user agent string, browser agent, http user agent, cookie, cookies, cookie id, tracking cookie, session cookie, tracking id, visitor id, anonymous id, ga client id, google analytics id, fbp, fbclid, gclid, browser fingerprint, canvas fingerprint, session key, phpsessid, jsessionid",
  weakNames: "session id, sessionid, sid, client id, ua, browser",
  value: {
    look: ({ text }) => (agent.test(text) || analytics.test(text) ? Look.Yes : Look.Shape),
    chance: 0.001,
    weight: 5,
    against: 0,
  },
};
