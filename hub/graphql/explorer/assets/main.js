// Starts the page. What it shows is in explorer.js; what it says to the hub is in hub.js.
import { Explorer } from "./explorer.js";
import { Hub } from "./hub.js";

const { React, ReactDOM } = window;

const answer = await fetch("/explorer/examples.json", { credentials: "omit" });
const examples = await answer.json();

ReactDOM.createRoot(document.getElementById("explorer")).render(
  React.createElement(Explorer, { examples, hub: new Hub() }),
);
