import { Look, type Detector } from "../detector.ts";

export const photo: Detector = {
  entity: "photo",
  says: "a picture, voice, signature or biometric of a person",
  isDirect: true,
  kinds: ["text", "bytes", "number"],
  names: `avatar, avatar url, avatar uri, avatar path, avatar image, profile photo, profile picture, profile pic, profile image, photo url, user photo, passport photo, headshot, selfie, selfie url, face, face image, face embedding, face encoding, face vector, fingerprint template, finger print, iris scan, retina, voice sample, voiceprint, voice recording, signature image, signature png, signature svg, biometric, biometric data, biometrics, id photo, foto perfil, photo profil, profilbild, passfoto, lichtbild, unterschrift, firma imagen, dna sequence, genome`,
  weakNames: "photo, picture, pic, portrait, signature, voice, foto, fingerprint, photo id",
  value: {
    look: ({ text }) =>
      /^(?:89504e47|ffd8ff|47494638|52494646)/i.test(text) || text.startsWith("data:image/")
        ? Look.Yes
        : Look.Shape,
    chance: 0.001,
    weight: 2.5,
    against: 0,
  },
};
