/** What stands in the place of a secret. */
export const MASK = "***";

const SECRET_NAME =
  /passw|passphrase|secret|token(?!s|iz)|(api|access|private|signing|encryption)[_-]?key|credential|authorization|cookie/i;

/** Whether a variable or field of this name most likely holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{0,256}):[^\s/]{1,256}@/gi;
const URL_SECRET_PARAMETERS = /([?&][^\s=&]{0,64}(?:password|secret|token|key)[^\s=&]{0,64}=)[^\s&#]+/gi;

/** Replaces the password of each URL in a text, wherever it stands in the URL. */
export function maskUrlSecrets(text: string): string {
  return text.replace(URL_CREDENTIALS, `$1:${MASK}@`).replace(URL_SECRET_PARAMETERS, `$1${MASK}`);
}
