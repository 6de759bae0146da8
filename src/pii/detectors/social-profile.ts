import { Look, type Detector } from "../detector.ts";

const hosts =
  /^(?:https?:\/\/)?(?:www\.|m\.|[a-z]{2}\.)?(?:linkedin\.com\/(?:in|pub)\/|facebook\.com\/(?!pages\/|groups\/|events\/)[\w.]+|twitter\.com\/\w+\/?$|x\.com\/\w+\/?$|instagram\.com\/[\w.]+|t\.me\/\w+|github\.com\/[\w-]+\/?$|tiktok\.com\/@|vk\.com\/|xing\.com\/profile\/|medium\.com\/@|reddit\.com\/u(?:ser)?\/|snapchat\.com\/add\/|mastodon\.\w+\/@)/i;

export const socialProfile: Detector = {
  entity: "social_profile",
  says: "a person's page elsewhere",
  isDirect: true,
  kinds: ["text"],
  isVaried: true,
  names:
    "linkedin, linkedin url, linkedin profile, facebook, facebook url, facebook id, facebook profile, twitter url, twitter profile, instagram url, instagram profile, xing, xing profile, xing url, vk profile, social profile, social profiles, social links, personal website, personal url, homepage, profile url, github url, github profile, blog url, personal blog, tiktok, tiktok url, youtube channel, orcid, gravatar, webpage personal",
  weakNames: "website, web site, url personal, blog, site web, webseite, sitio web",
  value: {
    look: ({ text }) => (hosts.test(text) ? Look.Yes : /\p{L}/u.test(text) ? Look.Shape : Look.No),
    chance: 0.005,
    weight: 5,
    against: 2,
  },
};
