// One class of the library, which brings nothing else into a bundle.
import { InputError } from "nanopinwheel";

globalThis.said(new InputError("x", "wrong", { expected: "a number", found: "a text" }).message);
