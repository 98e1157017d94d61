/** Words that the project does not use, and the standard term for each. */
export interface AvoidedWord {
  /** As the glossary lists it. */
  readonly avoid: string;
  /** The source of a regular expression over whole words. Case and line breaks do not matter. */
  readonly pattern: string;
  /** What to write. */
  readonly use: string;
}

/**
 * The vocabulary: `docs/glossary.md` shows the same list to readers, and a test compares the two. A word is in it when
 * it is never right here. Words that are right in some sentences only (to make, to keep) are left to the reviewer.
 */
export const AVOIDED_WORDS: readonly AvoidedWord[] = [
  { avoid: "a text, texts", pattern: "a text|texts", use: "a string, strings" },
  { avoid: "gives, gave", pattern: "(?:gives|gave)(?! (?:it )?up)", use: "returns, yields, resolves with" },
  { avoid: "brings, brought", pattern: "brings?|brought", use: "returns, adds, includes" },
  { avoid: "tell, tells, told", pattern: "(?:tells?|told|telling)(?! (?:[^.]{0,40} )?apart)", use: "report, notify" },
  { avoid: "says, said, saying", pattern: "says|said|saying", use: "reports, specifies, states" },
  { avoid: "hears, heard", pattern: "hears?|heard|hearing", use: "receives, is notified" },
  { avoid: "wants, wanted", pattern: "wants?|wanted", use: "requires, requested, target size" },
  {
    avoid: "somebody, anybody, everybody",
    pattern: "somebody|anybody|everybody",
    use: "a caller, a client, another process",
  },
  { avoid: "nobody", pattern: "nobody", use: "no one, no caller (or the passive voice)" },
  { avoid: "whoever, whomever", pattern: "who(?:m|so)?ever", use: "the caller, the client" },
  { avoid: "is none, are none", pattern: "(?:is|are|was|were) none", use: "does not exist, is missing" },
  {
    avoid: "that there is, that is there",
    pattern: "that there (?:is|are|was|were)|that (?:is|are|was|were) there",
    use: "existing, available",
  },
  {
    avoid: "makes a session",
    pattern: "(?:makes?|made|making) (?:a |the |its |new )?sessions?",
    use: "creates a session",
  },
  {
    avoid: "is over, are over",
    pattern: "(?:is|are|was|were|been) over(?! (?:the|a|its|\\d))",
    use: "has ended, has expired",
  },
  { avoid: "living, alive (of a session)", pattern: "living|sessions? (?:is|are|was|were) alive", use: "active" },
  { avoid: "life, incarnation", pattern: "life|lives of|incarnations?", use: "generation, lifetime" },
  { avoid: "attended, attends, attendance", pattern: "attend(?:ed|s|ing|ance)?", use: "tracked" },
  { avoid: "beside", pattern: "beside", use: "next to, in addition to" },
  { avoid: "in figures", pattern: "in figures", use: "statistics" },
  { avoid: "of one's own, of your own, of our own", pattern: "of (?:one's|your|our) own", use: "custom, our" },
  { avoid: "put down to", pattern: "puts? down to", use: "attributed to" },
  { avoid: "want of memory", pattern: "want of", use: "out of memory, lack of" },
  {
    avoid: "written down, writes down",
    pattern: "(?:written|writes?|wrote|writing) (?:it |them |this )?down",
    use: "recorded, persisted",
  },
  { avoid: "circle", pattern: "circles?", use: "deadlock, cycle" },
  { avoid: "launching program", pattern: "launching programs?", use: "zygote" },
  { avoid: "attendant", pattern: "attendants?", use: "receiver thread" },
  { avoid: "heart", pattern: "hearts?", use: "heartbeat sender" },
  { avoid: "bell", pattern: "bells?", use: "wake-up" },
  { avoid: "greet, greeting", pattern: "greet(?:s|ed|ings?)?(?= the (?:host|worker)| its| frame)", use: "send hello" },
  { avoid: "apologize, apology", pattern: "apolog(?:y|ies|i[sz]e[sd]?)", use: "report set-up failure" },
  { avoid: "obey, heed", pattern: "(?:obey|heed)(?:s|ed|ing)?", use: "handle" },
  { avoid: "welcome", pattern: "welcom(?:es?|ed|ing)", use: "accept" },
  { avoid: "disappoint", pattern: "disappoint(?:s|ed|ing)?", use: "reject" },
  { avoid: "turn away", pattern: "turn(?:s|ed|ing)? (?:(?:it|them|this) )?away", use: "reject" },
  { avoid: "doom, errand", pattern: "doom(?:s|ed)?|errands?", use: "fail when done, dependent request" },
  { avoid: "successor, departure", pattern: "successors?|departures?|departed", use: "replacement, termination" },
  { avoid: "borne, bears", pattern: "borne|bears?|bore", use: "tolerated, supports" },
  { avoid: "restless, rested", pattern: "restless|rested", use: "contended, retry now" },
  { avoid: "last words", pattern: "last words", use: "last lines of stderr" },
  { avoid: "it was here", pattern: "it was here", use: "stack at the time-out" },
  { avoid: "drown", pattern: "drown(?:s|ed|ing)?", use: "overload (back-pressure)" },
  { avoid: "loses its worker", pattern: "(?:loses?|losing|lost) its worker", use: "has its worker replaced" },
  { avoid: "is well", pattern: "(?:is|are) well(?=[.,;:)]| and|$)", use: "is healthy" },
  { avoid: "for ever", pattern: "for ever", use: "forever, without limit" },
  { avoid: "anew", pattern: "anew", use: "again" },
  { avoid: "stranger", pattern: "strangers?", use: "unknown client, other user" },
  { avoid: "objection", pattern: "objections?", use: "problem, error" },
  { avoid: "wish", pattern: "wish(?:es|ed)?", use: "request" },
  { avoid: "travel, travels", pattern: "travel(?:s|ed|led|ling)?", use: "is sent, is transferred" },
  { avoid: "mend", pattern: "mend(?:s|ed|ing)?", use: "fix, repair" },
  { avoid: "rouse", pattern: "rouse[sd]?", use: "wake" },
  { avoid: "spoil", pattern: "spoil(?:s|ed|t)?", use: "corrupt, change" },
  { avoid: "in vain", pattern: "in vain", use: "without success, for nothing" },
  { avoid: "belongs into", pattern: "belongs? into", use: "belongs in" },
  { avoid: "in good order", pattern: "in good order", use: "orderly, without errors" },
  { avoid: "suits", pattern: "suits", use: "fits, is valid for" },
  { avoid: "takes along", pattern: "takes? (?:\\w+ ){0,4}along", use: "loses, ends with" },
  { avoid: "sees to it", pattern: "sees? to it", use: "ensures" },
  { avoid: "foreign client", pattern: "foreign clients?", use: "gRPC client" },
  { avoid: "left out, leave out", pattern: "(?:leaves?|leaving|left) (?:it |them |this )?out", use: "omitted, omit" },
  { avoid: "leads nowhere", pattern: "leads? nowhere", use: "is broken" },
  { avoid: "refuse, refusal", pattern: "refuses?|refusing|refusals?", use: "reject, rejection" },
  { avoid: "of its own (at the end of a clause)", pattern: "of (?:its|their) own(?=[.,;:)]|$)", use: "separate" },
  { avoid: "any more (no longer)", pattern: "any more(?=[.,;:)]|$)", use: "no longer" },
  { avoid: "goes on", pattern: "(?:goes|went) on", use: "continues" },
  { avoid: "half of a surrogate pair", pattern: "half of a surrogate", use: "a lone surrogate" },
  { avoid: "beyond doubt", pattern: "beyond doubt", use: "certainly" },
  { avoid: "judge", pattern: "judg(?:e[sd]?|ing)", use: "check, assess" },
  { avoid: "culprit", pattern: "culprits?", use: "cause" },
  { avoid: "impatient", pattern: "impatient", use: "with a shorter time limit" },
];
