/** The schema that keeps Snakepit's tables apart from everything else in a PostgreSQL database. */
export const SCHEMA = "snakepit";
