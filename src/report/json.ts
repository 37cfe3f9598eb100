// Results as a JSON document.

import { plain } from "../index.js";
import { modelText } from "./model-text.js";

/** One JSON document of a result in plain form, with short lists on one line. */
export const jsonText = (value: unknown): string => `${modelText(plain(value))}\n`;
