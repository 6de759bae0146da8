import { Look, type Detector } from "../detector.ts";

/** Words that people write about themselves and others: anything may stand in it. */
export const freeText: Detector = {
  entity: "free_text",
  says: "text that people write, in which anything personal may stand",
  isDirect: false,
  kinds: ["text", "bytes"],
  isVaried: true,
  names:
    "bio, biography, about me, about, self description, personal statement, cover letter, resume, resume text, cv text, chat message, message body, message text, private message, comment text, comment body, review text, review body, feedback text, support notes, case notes, call notes, doctor notes, nurse notes, visit notes, session notes, customer notes, user notes, internal notes, patient notes, transcript, conversation, email body, mail body, letter text, testimonial, remarks, bemerkung, bemerkungen, anmerkung, anmerkungen, notiz, notizen, remarque, remarques, commentaire, commentaires, observaciones, comentario, comentarios, notas, osservazioni, commento, commenti, observacoes, opmerking, opmerkingen, uwagi, komentarz, комментарий, примечание, 備考, 备注",
  weakNames:
    "notes, note, comment, comments, message, content, body, feedback, review, post text, post content, memo, reply, answer, question, response text, complaint, reason text, story, text, remark, prompt, completion, search text, caption, status text, incident description, statement, summary text",
  value: {
    look: ({ words, text }) => (words >= 3 ? Look.Yes : text.length > 0 ? Look.Shape : Look.No),
    chance: 0.3,
    weight: 0,
    against: 3,
  },
};
