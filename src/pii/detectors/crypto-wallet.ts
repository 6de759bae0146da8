import { isBase58Check, isBech32 } from "../checksums/base58.ts";
import { Look, type Detector } from "../detector.ts";

export const cryptoWallet: Detector = {
  entity: "crypto_wallet",
  says: "a person's wallet of a cryptocurrency",
  isDirect: true,
  kinds: ["text"],
  names:
    "wallet, wallet address, walletaddress, crypto wallet, crypto address, bitcoin address, btc address, btc wallet, eth address, eth wallet, ethereum address, ethereum wallet, owner wallet, owner address, payout wallet, withdrawal address, deposit address, from wallet, to wallet, wallet adresse",
  weakNames: "wallet id, public address",
  value: {
    look({ text }) {
      if (text.length < 26 || text.length > 90 || /\s/.test(text)) return Look.No;
      if (/^[13][1-9A-HJ-NP-Za-km-z]{25,34}$/.test(text))
        return isBase58Check(text) ? Look.Yes : Look.Shape;
      if (/^(?:bc1|tb1|ltc1)[a-z\d]{11,71}$/i.test(text))
        return isBech32(text) ? Look.Yes : Look.Shape;
      return /^0x[\da-f]{40}$/i.test(text) || /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(text)
        ? Look.Shape
        : Look.No;
    },
    chance: 0.0001,
    weight: 6,
    against: 4,
  },
};
