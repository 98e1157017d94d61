// A shop under load, and its dashboard in the browser. Runs until it is interrupted with Ctrl+C.
import { setTimeout as sleep } from "node:timers/promises";
import { python, Snakepit, SnakepitError } from "snakepit";

const shop = python(new URL("../tools/shop.py", import.meta.url));

await Snakepit.run(
  async (pit, { signal }) => {
    const { url } = await pit.dashboard();
    console.log(`Dashboard: ${url}`);

    const cart = await pit.session("cart-ada", { metadata: { plan: "pro" } });
    await cart.variables.register("items", { type: "integer", value: 3 });
    await pit.programs.store("discounts", { ada: 0.1, others: 0.05 });

    const currencies = ["EUR", "USD", "JPY", "GBP", "XAU"];
    const customer = async (number: number) => {
      for (let order = 0; !signal.aborted; order += 1) {
        await pit.execute("price", { items: [9.5, 20, number] }, { pool: "orders" });
        await pit.execute("recommend", { user: `user-${number}` }, { pool: "orders" });
        if (order % 10 === 0) await pit.execute("report", { days: 7 + number }, { pool: "reports" });
        try {
          const currency = currencies[(order + number) % currencies.length];
          await pit.execute("convert", { amount: 29.5, currency }, { pool: "orders" });
        } catch (error) {
          // There is no rate for gold: an error for the dashboard.
          if (!(error instanceof SnakepitError) || error.code !== "PYTHON_EXCEPTION") throw error;
        }
        await sleep(20, undefined, { signal });
      }
    };
    const customers = Array.from({ length: 8 }, (_, number) => customer(number));
    await Promise.all(customers).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  },
  {
    pools: {
      orders: { worker: shop, size: 4 },
      // One worker for all customers: on a busy machine, they wait long.
      reports: { worker: shop, size: 1, queueTimeoutMs: "10m" },
    },
  },
);
