// Push to talk as a machine: what a person does with a key or a button -> what is sent. Pure: the clock is given.
//
//   idle --press--> pressed --200 ms--> talking --release--> ending --250 ms--> idle
//                   pressed --release--> idle ("hold to talk": nothing was sent)
//   by a tap (toggle): idle --tap--> talking --tap--> ending
//   whatever takes the person away (`leave`) ends it as a release does.

export const SHORTEST = 200; // ms
export const TAIL = 250;     // ms that are recorded on after the release: the last word is not clipped
export const BEFORE = 300;   // ms before the press that go with it: the first word is not, either

export class PushToTalk {
  /** `on` has down(), up(), changed(phase) and tooShort(); `later(fn, ms)` and `never(handle)` are the clock. */
  constructor(on, later, never) {
    this.on = on;
    this.later = later;
    this.never = never;
    this.phase = 'idle';
    this.timer = null;
    this.again = false; // pressed while the end of the last one was still being sent
  }

  press() {
    if (this.phase === 'ending') {
      this.again = true;
      return;
    }
    if (this.phase !== 'idle') return;
    this.go('pressed');
    this.timer = this.later(() => this.begin(), SHORTEST);
  }

  release() {
    this.again = false;
    if (this.phase === 'pressed') {
      this.never(this.timer);
      this.go('idle');
      this.on.tooShort();
    } else if (this.phase === 'talking') this.end();
  }

  /** One press begins and the next one ends: for those who cannot hold. */
  toggle() {
    if (this.phase === 'idle') this.begin();
    else if (this.phase === 'talking') this.end();
  }

  /** The window is left, the line is lost, Escape: no key will be seen going up. */
  leave() {
    this.release();
  }

  /** Nothing can be sent any more. */
  stop() {
    this.again = false;
    this.never(this.timer);
    if (this.phase !== 'idle') this.go('idle');
  }

  begin() {
    this.go('talking');
    this.on.down();
  }

  end() {
    this.go('ending');
    this.timer = this.later(() => {
      this.go('idle');
      this.on.up();
      if (this.again) {
        this.again = false;
        this.press();
      }
    }, TAIL);
  }

  go(phase) {
    this.phase = phase;
    this.on.changed(phase);
  }
}
