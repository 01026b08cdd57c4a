/** What the first module draws; later ones add what they bring. */

import { frame } from "./frame-styles";
import { lane } from "./lane-styles";
import { narrow } from "./narrow-styles";
import { panel } from "./panel-styles";
import { theme } from "./theme-styles";

// The narrow ones change the others, so they come last.
export const styles = [theme, frame, panel, lane, narrow];
