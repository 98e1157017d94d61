// Generated from package.json by `pnpm --filter snakepit run generate:version`; not to be edited.

/** The version of this npm package. */
export const PACKAGE_VERSION = "0.1.0";
