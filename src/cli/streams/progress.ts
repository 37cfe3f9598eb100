// The progress line: one line on standard error, drawn again and again while a command works, and
// only on a terminal. Work of less than a second shows none. It says the stage, the steps done, the
// time passed and, once that can be told, the time left.

/** What the line is drawn on: standard error, or something like it. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Milliseconds of work before the line first appears, and between two drawings. */
const PATIENCE = 1000;
const INTERVAL = 150;

const clock = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

/** The words of the line, without the width of the screen. */
export function progressText(stage: string, seconds: number, done?: number, total?: number): string {
  if (done === undefined) return `${stage}: ${clock(seconds)}`;
  if (total === undefined || total <= done) return `${stage}: ${done}, ${clock(seconds)}`;
  const left = done > 0 ? `, ${clock((seconds * (total - done)) / done)} left` : "";
  return `${stage}: ${done} of ${total}, ${clock(seconds)}${left}`;
}

export class ProgressLine {
  readonly #screen: Screen;
  readonly #now: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stage = "";
  /** When the work began, and its present stage. */
  #begun: number | undefined;
  #since = 0;
  #done: number | undefined;
  #total: number | undefined;
  #shown = false;

  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
  }

  /** Takes note of a stage and of how far it is; draws later. */
  report(stage: string, done?: number, total?: number): void {
    if (!this.#screen.isTTY) return;
    const now = this.#now();
    this.#begun ??= now;
    if (stage !== this.#stage) this.#since = now;
    [this.#stage, this.#done, this.#total] = [stage, done, total];
    this.#timer ??= setInterval(() => this.draw(), INTERVAL);
    this.#timer.unref?.();
  }

  draw(): void {
    const now = this.#now();
    if (this.#begun === undefined || now - this.#begun < PATIENCE) return;
    const text = progressText(this.#stage, (now - this.#since) / 1000, this.#done, this.#total);
    this.#screen.write(`\r${text.slice(0, (this.#screen.columns || 80) - 1)}\u001b[K`);
    this.#shown = true;
  }

  /** Wipes the line, so that a message can take its place; it comes back with the next drawing. */
  clear(): void {
    if (this.#shown) this.#screen.write("\r\u001b[K");
    this.#shown = false;
  }

  /** Wipes the line for good. */
  end(): void {
    this.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#begun = undefined;
  }
}
