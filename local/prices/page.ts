import { html } from "hono/html";
import type { PriceState } from "./replay.ts";

/** The page for people: where the replay stands, and the button for the next month. */
export function pricesPage({ month, price, at, remaining }: PriceState) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Price source</title>
        <style>
          body {
            font:
              16px/1.5 system-ui,
              sans-serif;
            max-width: 40rem;
            margin: 2rem auto;
            padding: 0 1rem;
            color: #222;
          }
        </style>
      </head>
      <body>
        <h1>Gold in ${month}: ${price} USD per troy ounce</h1>
        <p>
          Quoted at ${at}; ${remaining} months follow. Monthly averages, public domain (see
          local/prices/README.md).
        </p>
        <form method="post" action="/tick"><button>Next month</button></form>
      </body>
    </html>`;
}
