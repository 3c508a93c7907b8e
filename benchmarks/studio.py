"""What the studio's page costs a browser: python benchmarks/studio.py [--slower N]

First paint of the shell, the echo of a key while events stream, the worst frame and the worst paint (styles, layout and
drawing, by Chromium's own account) meanwhile, what 95 % of the frames take with the page's programs, the heap that
50,000 events take, one growing answer in a long transcript, the heap over ten rounds of 5,000 events, how soon the
editor is there and what a key costs in a file of 5,000 lines, its frame included; how far apart the microphone's
frames leave, and how soon there is silence once an answer is cut off. The page is the real one from the real server;
streams are put in the place of a conversation's socket, but for the voice, which is the server's own. In brackets
stands the budget. A processor that is `--slower` so many times is Chromium's own throttle. Times mean something on an
idle machine only.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from support.page_size import shell_kilobytes

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "runner" / "realtime_scenarios" / "studio" / "page"
STARTS_WITHIN = 180
"""Seconds."""
LINES = 5_000
MICROPHONE = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
PAINT = "WebFrameWidgetImpl::UpdateLifecycle"

SOCKET = """
window.frames_ = [];
const real = window.WebSocket;
window.WebSocket = class extends EventTarget {
  constructor(url) {
    super();
    if (!url.includes('/ws/c/')) return new real(url);
    this.binaryType = '';
    this.bufferedAmount = 0;
    window.socket = this;
    setTimeout(() => {
      this.onopen({});
      this.told({ hello: { id: 'c1', epoch: 'bench', role: 'owner' } });
    }, 0);
  }
  told(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
  send(text) { this.told({ ack: JSON.parse(text).cmd }); }
  close() {}
};
window.seq = 0;
window.made = (layer, type, data, more) => ({
  seq: ++window.seq, at: window.seq * 10, turn: 1, agent: 'main', layer, dir: 'in', type, item: null, response: null,
  call: null, cause: null, place: null, data, size: 300, ...more,
});
window.batch = (events) => window.socket.told({ epoch: 'bench', from: events[0].seq, events });
window.filler = (n) => window.made('wire', 'response.output_item.added', { text: 'x'.repeat(200), n });
window.many = (count) => {
  for (let n = 0; n < count; n += 250) window.batch(Array.from({ length: 250 }, (_, k) => window.filler(k)));
};
window.painted = (told) => {
  const began = performance.now();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => told(performance.now() - began);
  port2.postMessage(null);
};
window.watchFrames = () => {
  window.gaps = [];
  window.paints = [];
  let last = performance.now();
  const tick = (now) => {
    window.gaps.push(now - last);
    last = now;
    window.painted((took) => window.paints.push(took));
    window.ticking = requestAnimationFrame(tick);
  };
  window.ticking = requestAnimationFrame(tick);
};
"""

STREAM = """
async (seconds) => {
  window.watchFrames();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const events = [];
    for (let n = 0; n < 160; n += 1) events.push(window.filler(n));
    window.batch(events);
    await new Promise((done) => setTimeout(done, 16));
  }
  cancelAnimationFrame(window.ticking);
  const paints = window.paints.slice(2).sort((one, other) => one - other);
  return [Math.max(...window.gaps.slice(2)), paints[Math.floor(0.95 * paints.length)]];
}
"""

ECHO = """
async () => {
  const box = document.querySelector('#log-text');
  const times = [];
  for (let n = 0; n < 20; n += 1) {
    for (let m = 0; m < 10; m += 1) window.batch(Array.from({ length: 16 }, (_, k) => window.filler(k)));
    const began = performance.now();
    box.focus();
    box.value = 'x'.repeat(n % 3);
    box.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    times.push(performance.now() - began);
  }
  return Math.max(...times);
}
"""

GROW = """
async () => {
  const placed = [];
  for (let n = 0; n < 1000; n += 1) {
    const item = 'i' + n;
    const where = { item, role: n % 2 ? 'assistant' : 'user', after: n ? 'i' + (n - 1) : null };
    placed.push(window.made('studio', 'ItemPlaced', where, { item }));
    placed.push(window.made('studio', 'Delta', { item, text: 'some words' }, { item }));
  }
  window.batch(placed);
  await new Promise((done) => setTimeout(done, 3000));
  const began = performance.now();
  let busy = 0;
  for (let n = 0; n < 200; n += 1) {
    const at = performance.now();
    window.batch([window.made('studio', 'Delta', { item: 'i999', text: 'word ' }, { item: 'i999' })]);
    busy += performance.now() - at;
    await new Promise((done) => requestAnimationFrame(() => window.painted((took) => { busy += took; done(); })));
  }
  return busy / 200;
}
"""

KEYS = """
() => {
  window.keys = [];
  document.addEventListener('keydown', () => {
    const began = performance.now();
    let handled = null;
    const frame = () => {
      if (handled === null) requestAnimationFrame(frame);
      else window.painted((took) => window.keys.push(handled + took));
    };
    requestAnimationFrame(frame);
    document.addEventListener('input', () => Promise.resolve().then(() => {
      handled = performance.now() - began;
    }), { capture: true, once: true });
  }, true);
}
"""
"""What is done for a key until its text is written, and in the frame that shows it; not the wait for that frame."""


VOICE = """
window.sent = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  if (typeof data !== 'string') window.sent.push(performance.now());
  return send.call(this, data);
};
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (data, ...rest) {
  if (data && data.flush !== undefined) {
    this.addEventListener('message', ({ data: { flushed } }) => {
      if (flushed !== undefined) window.silent ??= performance.now();
    });
  }
  return post.call(this, data, ...rest);
};
document.addEventListener('keydown', (press) => {
  if (press.key === '.') window.cutOff = performance.now();
}, true);
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--slower", type=float, default=1, metavar="N")
    slower = parser.parse_args().slower
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--js-flags=--expose-gc"]
        )
        print(f"shell, gzipped            {shell_kilobytes(PAGE):8.1f} kB   (45)")
        print(f"first contentful paint    {median(lambda: first_paint(browser, address, slower)):8.0f} ms   (600)")
        page = opened(browser, address, slower, "log")
        browser.start_tracing(categories=["blink", "disabled-by-default-devtools.timeline"])
        frame, work = page.evaluate(STREAM, 5)
        print(f"worst frame, 10 a ms, 5 s {frame:8.1f} ms   (100)")
        print(f"worst paint, 10 a ms, 5 s {worst_paint(browser.stop_tracing()):8.1f} ms   (25)")
        print(f"a frame's work, p95       {work:8.1f} ms")
        print(f"echo while events stream  {page.evaluate(ECHO):8.1f} ms   (100)")
        page.context.close()
        page = opened(browser, address, slower, "log")
        before = heap(page)
        page.evaluate("window.many(50_000)")
        page.locator('.log-grid[aria-rowcount="50001"]').wait_for()
        print(f"heap of 50,000 events     {(heap(page) - before) / 1e6:8.1f} MB   (60)")
        print(f"worst frame, scrolling    {scrolling(page):8.1f} ms")
        page.context.close()
        page = opened(browser, address, slower, "conversation")
        print(f"one delta in 1,000 rows   {page.evaluate(GROW):8.1f} ms   (2)")
        page.context.close()
        print(f"heap, round 2 to round 10 {rounds(browser, address, slower):8.1f} %    (10)")
        print(f"editor, until it is there {median(lambda: editor_ready(browser, address, slower)):8.0f} ms   (700)")
        print(f"a key in 5,000 lines, p95 {typing(browser, address, slower):8.1f} ms   (16)")
        browser.close()
        gap, silence = spoken(playwright, address)
        print(f"microphone, gap of frames, p99 {gap:3.1f} ms   (60)")
        print(f"cut off, until silence    {silence:8.1f} ms   (50)")


@contextmanager
def served() -> Iterator[str]:
    """The address of a studio of the airline, made longer by remarks."""
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
        airline = Path(shutil.copytree(REPOSITORY / "scenarios" / "airline", Path(folder, "airline"))) / "airline.yaml"
        remarks = LINES - len(airline.read_text(encoding="utf-8").splitlines())
        with airline.open("a", encoding="utf-8") as file:
            file.writelines(f"# remark {number}\n" for number in range(remarks))
        command = [
            sys.executable,
            "-m",
            "realtime_scenarios",
            "serve",
            str(airline),
            "--no-open",
            "--tts",
            "tone",
            "--port",
            "0",
        ]
        with Path(output.name).open("wb") as told:
            server = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT, cwd=REPOSITORY)
        try:
            until = time.monotonic() + STARTS_WITHIN
            while True:
                output.seek(0)
                if (found := re.search(r"http://\S+\?t=\S+\n", output.read())) is not None:
                    break
                if server.poll() is not None or time.monotonic() > until:
                    sys.exit("the studio does not start")
                time.sleep(0.05)
            yield found.group().strip()
        finally:
            server.kill()
            server.wait()


def median(measured: Any) -> float:
    return statistics.median(measured() for _ in range(5))


def opened(browser: Browser, address: str, slower: float, view: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(SOCKET)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.set_default_timeout(STARTS_WITHIN * 1000)
    page.goto(f"{address}#/{view}?c=c1")
    page.locator("html[data-idle]").wait_for(state="attached")
    return page


def first_paint(browser: Browser, address: str, slower: float) -> float:
    page = opened(browser, address, slower, "conversation")
    paint: float = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.context.close()
    return paint


def worst_paint(trace: bytes) -> float:
    """Milliseconds that the longest of a page's paints has taken."""
    events = json.loads(trace)["traceEvents"]
    return max(event["dur"] for event in events if event["name"] == PAINT and "dur" in event) / 1000


def editor_ready(browser: Browser, address: str, slower: float) -> float:
    """From asking for the view to the first frame with its text, where nothing of it was loaded before."""
    page = opened(browser, address, slower, "log")
    took: float = page.evaluate(
        """async () => {
          const began = performance.now();
          location.hash = '#/editor';
          const isThere = (one) => one.shadowRoot?.querySelector('.cm-line');
          while (![...document.querySelectorAll('*')].some(isThere)) await new Promise(requestAnimationFrame);
          return performance.now() - began;
        }"""
    )
    page.context.close()
    return took


def typing(browser: Browser, address: str, slower: float) -> float:
    page = opened(browser, address, slower, "editor")
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.evaluate(KEYS)
    for count in range(1, 101):
        page.keyboard.type("x")
        page.wait_for_function("(count) => window.keys.length >= count", arg=count)
    page.evaluate("window.keys.sort((one, other) => one - other)")
    found: float = page.evaluate("window.keys[94]")
    page.context.close()
    return found


def spoken(playwright: Playwright, address: str) -> tuple[float, float]:
    """Milliseconds between frames of the microphone (of a hundred the most), and from a key until nothing is played."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=MICROPHONE)
    page = browser.new_page()
    page.set_default_timeout(STARTS_WITHIN * 1000)
    page.add_init_script(VOICE)
    page.goto(address)
    page.get_by_role("button", name="Speak", exact=True).click()
    page.get_by_role("button", name="Mute the microphone").wait_for()
    page.wait_for_function("() => window.sent.length > 50")
    page.evaluate("window.sent.length = 0")
    page.wait_for_function("() => window.sent.length > 500")
    sent: list[float] = page.evaluate("window.sent")
    page.get_by_role("button", name="Mute the microphone").click()
    page.locator("[data-composer]").fill("How big can my carry-on be?")
    page.keyboard.press("Enter")
    page.wait_for_function("() => Number(document.querySelector('.voice').dataset.played) > 12000")
    page.keyboard.press("Control+.")
    page.wait_for_function("() => window.silent")
    silence: float = page.evaluate("window.silent - window.cutOff")
    browser.close()
    return statistics.quantiles([after - before for before, after in pairwise(sent)], n=100)[-1], silence


def heap(page: Page) -> float:
    """Bytes after what is not needed was given back."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used


def scrolling(page: Page) -> float:
    worst: float = page.evaluate(
        """async () => {
          const box = document.querySelector('.log-box');
          window.watchFrames();
          for (let n = 0; n < 60; n += 1) {
            box.scrollTop = (box.scrollHeight / 60) * n;
            await new Promise(requestAnimationFrame);
          }
          cancelAnimationFrame(window.ticking);
          return Math.max(...window.gaps.slice(2));
        }"""
    )
    return worst


def rounds(browser: Browser, address: str, slower: float) -> float:
    """By how many per cent the heap has grown from the second to the tenth conversation of 5,000 events."""
    page = opened(browser, address, slower, "log")
    sizes = []
    for number in range(10):
        page.evaluate("window.many(5_000)")
        page.locator('.log-grid[aria-rowcount="5001"]').wait_for()
        page.wait_for_timeout(1500)  # what was drawn for it is done with
        sizes.append(heap(page))
        page.evaluate("(n) => { window.seq = 0; location.hash = `#/log?c=c${n}`; }", number + 2)
        page.locator(".log .empty").wait_for()  # the next conversation has nothing yet
        page.wait_for_timeout(100)
    return 100 * (sizes[-1] / sizes[1] - 1)


if __name__ == "__main__":
    main()
