// The whole script of the row `script-first-result`: starts 4 workers, makes one call, and exits. Argument: contestant.
import { competitor } from "./contestants.ts";

const [name = ""] = process.argv.slice(2);
{
  await using contestant = await competitor(name).start(4);
  console.log(await contestant.add(2, 40));
}
