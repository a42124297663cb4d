#!/usr/bin/env python3
"""Opens verify.html in a real browser, from a file, gives it every bundle of bundles.py, and compares what it says.

    python3 view.py                  compares with expected.tsv
    python3 view.py --pictures DIR   also takes pictures of some, to be looked at
    python3 view.py CASE …           these cases alone

Needs Chromium, its driver, and Selenium (Debian: chromium chromium-driver python3-selenium); without them it says
NOT RUN and exits with 77.
"""
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bundles  # noqa: E402

PAGE = os.path.join(HERE, "../../src/archive/kit/verify.html")
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    print("NOT RUN: verify.html in a browser: Selenium is not here (Debian: apt-get install python3-selenium)")
    sys.exit(77)


def start():
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        print("NOT RUN: verify.html in a browser: Chromium or chromedriver is not here (Debian: apt-get install chromium chromium-driver)")
        sys.exit(77)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    # As root, in a container: no sandbox, little shared memory. No network: any request would fail.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en-GB",
                     "--window-size=1000,1400", "--host-resolver-rules=MAP * ~NOTFOUND"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    browser.set_page_load_timeout(120)
    return browser


class Viewer:
    """The page, as somebody uses it."""

    def __init__(self, browser):
        self.browser = browser

    def open(self, own=False):
        self.browser.get("about:blank")
        self.browser.get("file://" + os.path.abspath(PAGE) + ("#own-ed25519" if own else ""))

    def choose(self, path, wait=300):
        which = "zip" if path.endswith(".zip") else "folder"
        self.browser.find_element(By.ID, which).send_keys(path)
        done = "return !document.getElementById('bar') && document.getElementById('result').childElementCount > 0"
        WebDriverWait(self.browser, wait, poll_frequency=0.05).until(lambda browser: browser.execute_script(done))

    def trust(self, text):
        self.browser.execute_script(
            "const area = document.getElementById('anchors'); area.value = arguments[0]; area.oninput();", text)

    def said(self, name="verdict"):
        return self.browser.execute_script(
            "const { dataset, textContent } = document.getElementById('result'); return arguments[0] in dataset ? dataset[arguments[0]] : textContent", name)

    def complaints(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def picture(self, path, size=(1000, 1400)):
        height = self.browser.execute_script("return document.documentElement.scrollHeight")
        self.browser.set_window_size(size[0], min(height + 160, 9000))
        self.browser.save_screenshot(path)
        self.browser.set_window_size(*size)


def expected():
    rows = {}
    with open(os.path.join(HERE, "expected.tsv"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                row = line.rstrip("\n").split("\t")
                rows[row[0]] = row[2]
    return rows


def check_cases(viewer, folder, names):
    """What the page says about each case: verdict and codes."""
    wanted, wrong = expected(), []
    for name in names:
        viewer.open()
        viewer.choose(os.path.join(folder, name + (".zip" if name in bundles.ZIPS else "")))
        viewer.trust(bundles.anchors())
        is_said = f"{viewer.said()} {viewer.said('codes')}".strip()
        complaints = viewer.complaints()
        injected = viewer.browser.execute_script("return document.querySelectorAll('img, script:not([id])').length") or "injected" in viewer.browser.title
        fits = is_said == wanted.get(name) and not complaints and not injected
        print(f"{'ok ' if fits else 'BAD'} {name}: {is_said}" + ("" if fits else f"; expected {wanted.get(name)}; {complaints} {injected}"))
        if not fits:
            wrong.append(name)
    return wrong


def check_trust(viewer, folder):
    """What the keys from outside change, in both ways of checking signatures and in both languages."""
    wrong = []

    def expect(what, found, wanted):
        print(f"{'ok ' if found == wanted else 'BAD'} {what}: {found}" + ("" if found == wanted else f"; expected {wanted}"))
        if found != wanted:
            wrong.append(what)

    good = os.path.join(folder, "good")
    viewer.open()
    viewer.choose(good)
    expect("no key", viewer.said(), "unverifiable")
    for what, text, wanted in (
        ("administrator's fingerprint", bundles.ADMIN.id, "sound"), ("administrator's key", bundles.ADMIN.line, "sound"),
        ("log key", bundles.LOG.vkey(bundles.ORIGIN), "sound"), ("both, in a letter", "Our keys:\n" + bundles.anchors(), "sound"),
        ("a stranger's fingerprint", bundles.STRANGER.id, "failed"), ("one of two wrong", bundles.ADMIN.id + " " + bundles.STRANGER.id, "failed"),
        ("only the signer's", bundles.ARCHIVIST.id, "unverifiable"), ("nothing that is a key", "hello", "unverifiable")):
        viewer.trust(text)
        expect(what, viewer.said(), wanted)
    for name, wanted in (("good", "sound"), ("entry-signature-wrong", "failed"), ("entry-signature-plus-order", "failed"),
                         ("weak-key", "failed"), ("plain-signature-changed", "failed"), ("checkpoint-by-other-key", "failed")):
        viewer.open(own=True)
        viewer.choose(os.path.join(folder, name))
        viewer.trust(bundles.anchors())
        expect(f"own Ed25519, {name}", (viewer.said(), viewer.said("browser")), (wanted, "false"))
    viewer.open()
    viewer.choose(os.path.join(folder, "object-changed"))
    viewer.trust(bundles.anchors())
    cards = [one.text for one in viewer.browser.find_elements(By.CSS_SELECTOR, ".card h3")]
    expect("the exhibits, in the order of ingest", cards, [f"{at + 1}. {name}" for at, name in enumerate((bundles.STATEMENT, bundles.MEMO, bundles.VIDEO))])
    expect("a verdict for each exhibit", viewer.said("exhibits"), f"{bundles.STATEMENT}=failed {bundles.MEMO}=sound {bundles.VIDEO}=sound")
    viewer.browser.find_element(By.CSS_SELECTOR, "button[lang=ko]").click()
    expect("Korean", (viewer.said(), viewer.browser.title), ("failed", "증거 번들 검증"))
    viewer.open()
    viewer.choose(os.path.join(folder, "good-with-a-gap"))
    told = [one.text for one in viewer.browser.find_elements(By.CSS_SELECTOR, ".card > p.gap b")]
    expect("a declared gap, on the card", told, ["Custody gap declared: it is not known who had it from 2003-02-28 to a day not known"])
    expect("and no word of there being none", "no gap" in viewer.said("text"), False)
    viewer.open()
    viewer.choose(os.path.join(folder, "good", "report"))
    expect("not a bundle", "neither bundle.json" in viewer.said(), True)
    return wrong


def check_drop(viewer, folder):
    """A folder and a zip file that are dropped on the page."""
    wrong = []
    for name in ("good", "zip-good.zip"):
        viewer.open()
        place = viewer.browser.execute_script("const at = document.getElementById('drop').getBoundingClientRect(); return [at.x + 20, at.y + 20]")
        for kind in ("dragEnter", "dragOver", "drop"):
            viewer.browser.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, "x": place[0], "y": place[1], "data": {
                "items": [], "files": [os.path.join(folder, name)], "dragOperationsMask": 1}})
        WebDriverWait(viewer.browser, 120).until(lambda _: viewer.said() == "unverifiable")
        print(f"ok  dropped: {name}")
    return wrong


def check_large(viewer, folder, megabytes):
    """A large object: not in memory, with progress; says how long it took."""
    path = os.path.join(folder, "large")
    bundles.write_folder(path, bundles.large(megabytes * 1000 * 1000))
    viewer.open()
    begin = time.monotonic()
    viewer.choose(path, wait=1200)
    took = time.monotonic() - begin
    print(f"    {megabytes} MB in {took:.1f} s: {viewer.said()}")
    shutil.rmtree(path)
    return [] if viewer.said() == "unverifiable" else ["large"]


def pictures(viewer, folder, to):
    os.makedirs(to, exist_ok=True)
    for name, trust, language in (("", "", "en"), ("", "", "ko"), ("good", bundles.anchors(), "en"), ("good", bundles.anchors(), "ko"), ("good", "", "en"),
                                  ("object-changed", bundles.anchors(), "en"), ("object-changed", bundles.anchors(), "ko"), ("hostile-fields", "", "en"),
                                  ("hostile-names", bundles.anchors(), "en"), ("report-changed", bundles.anchors(), "ko")):
        viewer.open()
        if name:
            viewer.choose(os.path.join(folder, name))
            viewer.trust(trust)
        viewer.browser.find_element(By.CSS_SELECTOR, f"button[lang={language}]").click()
        viewer.browser.execute_script("document.querySelectorAll('details').forEach((one, at) => { one.open = at < 1; })")
        viewer.picture(os.path.join(to, f"{name or 'start'}-{'trusted-' if trust else ''}{language}.png"))


def main(arguments):
    with tempfile.TemporaryDirectory() as folder:
        bundles.main(folder)
        browser = start()
        try:
            viewer = Viewer(browser)
            if arguments[:1] == ["--pictures"]:
                pictures(viewer, folder, arguments[1])
                return 0
            if arguments[:1] == ["--large"]:
                return bool(check_large(viewer, folder, int(arguments[1])))
            names = arguments or [*bundles.CASES, *bundles.ZIPS]
            wrong = check_cases(viewer, folder, names)
            if not arguments:
                wrong += check_trust(viewer, folder) + check_drop(viewer, folder) + check_large(viewer, folder, 20)
        finally:
            browser.quit()
    print(f"{len(wrong)} wrong" if wrong else "verify.html says of every bundle what it should")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
