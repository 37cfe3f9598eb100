// The progress line: one line on standard error that is redrawn while a command works, only on a
// terminal and only if the work takes more than a second. It shows the stage, the steps done, the
// elapsed time and, once it can be estimated, the remaining time. Packages for progress bars
// (cli-progress: 24 kB, half as much as the command itself) show bars of known length: stages without
// a total, the patience at the start, messages between two drawings and a cursor that survives an
// interrupt would still be code here.

/** The screen of the line: standard error, or an object with the same members. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Milliseconds of work before the line first appears. */
const PATIENCE = 1000;
/** Milliseconds between two drawings. */
const INTERVAL = 150;

const clock = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

/** The text of the line, without regard to the width of the screen. */
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
  /** Start of the work. */
  #begun: number | undefined;
  /** Start of the present stage. */
  #since = 0;
  #done: number | undefined;
  #total: number | undefined;
  #shown = false;

  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
  }

  /** Records a stage and its progress; the line is drawn later. */
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

  /** Erases the line until the next drawing, so that a message can be written. */
  clear(): void {
    if (this.#shown) this.#screen.write("\r\u001b[K");
    this.#shown = false;
  }

  /** Erases the line for good. */
  end(): void {
    this.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#begun = undefined;
  }
}
