/** A database URL that can be shown to people: passwords, in whichever place, are stars. Works on what is no URL, too. */
export function maskedUrl(url: string): string {
  return url
    .replace(/^((?:[^:/?#]*:\/\/)?[^:@/?#]*):(?!\/\/).*@/, "$1:***@")
    .replace(/([?&](?:password|sslpassword)=)[^&]*/gi, "$1***");
}
