// Starts the page. What it shows is in explorer.js; what it says to the hub is in hub.js.
import { Explorer } from "./explorer.js";
import { Hub } from "./hub.js";
import { Login } from "./login.js";

const { React, ReactDOM } = window;

const login = new Login();
const [examples] = await Promise.all([
  fetch("/explorer/examples.json", { credentials: "omit" }).then((answer) => answer.json()),
  login.look(),
]);

ReactDOM.createRoot(document.getElementById("explorer")).render(
  React.createElement(Explorer, { examples, hub: new Hub(), login }),
);
