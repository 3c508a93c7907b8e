// The end of what grows, followed until somebody scrolls away from it: by wheel, key, touch, find in page or a script.
//
// Who scrolls cannot be told, only that the box stands higher than it was put. So no browser may move it by itself
// while the end is followed (`overflow-anchor`), and it is looked at before it is moved, since the news of a scroll come
// a frame later than the scroll.

export class End {
  /** `near`: px from the end that count as being there; `changed(followed)` is told when it changes. */
  constructor(near, changed = () => {}) {
    this.near = near;
    this.changed = changed;
    this.followed = true;
    this.top = 0; // where the box was put, or was last seen
  }

  /** Puts the box at its end, if nobody has left that. */
  pin(box) {
    this.look(box);
    if (this.followed) this.to(box);
  }

  /** Goes to the end, and follows it from now on. */
  to(box) {
    this.follow(box, true);
    box.scrollTop = box.scrollHeight;
    this.top = box.scrollTop;
  }

  /** Stays, whatever comes. */
  leave(box) {
    this.follow(box, false);
    this.top = box.scrollTop;
  }

  /** Takes note of where the box is, of which `still` says that it stays there. */
  look(box, still = false) {
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    const up = box.scrollTop < this.top - 1;
    const down = box.scrollTop > this.top + 1;
    this.top = box.scrollTop;
    if (left < this.near && (still || down)) this.follow(box, true);
    else if (up) this.follow(box, left <= 1); // at the end all the same: there is less of it
  }

  follow(box, followed) {
    box.style.overflowAnchor = followed ? 'none' : '';
    if (this.followed === followed) return;
    this.followed = followed;
    this.changed(followed);
  }
}
