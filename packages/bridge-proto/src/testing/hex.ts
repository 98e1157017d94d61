/** Minimum length of an abbreviated run of equal bytes. */
const SHORTEST_RUN = 64;

/** Parses groups of hexadecimal digits, such as `c53fff 07*16383`. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const groups = text.split(" ").map((group) => {
    const [digits, times = "1"] = group.split("*");
    return (digits ?? "").repeat(Number(times));
  });
  return Uint8Array.from(Buffer.from(groups.join(""), "hex"));
}

/** Formats bytes as hexadecimal digits, and runs of more than 63 equal bytes as `07*64`. */
export function toHex(data: Uint8Array): string {
  const groups: string[] = [];
  let rest = "";
  for (let start = 0; start < data.length; ) {
    let end = start;
    while (end < data.length && data[end] === data[start]) end += 1;
    const digits = (data[start] ?? 0).toString(16).padStart(2, "0");
    if (end - start < SHORTEST_RUN) rest += digits.repeat(end - start);
    else {
      if (rest !== "") groups.push(rest);
      groups.push(`${digits}*${end - start}`);
      rest = "";
    }
    start = end;
  }
  if (rest !== "") groups.push(rest);
  return groups.join(" ");
}
