// data-print: prints the page.
import { on } from "./dom.js";

on("click", "[data-print]", () => window.print());
