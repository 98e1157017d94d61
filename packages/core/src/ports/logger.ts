/** Takes structured records: an object of facts, then a message. pino has this shape, and so have most loggers. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
