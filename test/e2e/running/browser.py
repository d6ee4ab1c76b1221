"""
What a user's browser does, one command at a time, with the cookies kept in a file between them.

    browser.py FOLDER USER login [GROUP...]        through the provider's pages to the hub; prints where it ends
    browser.py FOLDER USER start PROFILE SIZE      the form of the hub, then its progress until the server is there
    browser.py FOLDER USER offered                 the choices of the form
    browser.py FOLDER USER page PATH               status and address of a page of the hub
    browser.py FOLDER USER api PATH                status and answer of the hub's API
    browser.py FOLDER USER cell [SECONDS]          runs the Python of the standard input in the one kernel of the user's server
"""

import html
import json
import pickle
import re
import socket
import sys
import time
import uuid
from pathlib import Path

import requests
import websocket

folder, user, command, *words = sys.argv[1:]
folder = Path(folder)
facts = json.loads((folder / "browser.json").read_text())
HUB = f"https://{facts['host']}"
store = folder / f"{user}.cookies"

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: resolve(facts["addresses"].get(host, host), *more, **named)

session = requests.Session()
session.verify = str(folder / "trusted.crt")
session.trust_env = False
session.headers["User-Agent"] = "browser"
if store.exists():
    session.cookies = pickle.loads(store.read_bytes())


def ask(method, url, **more):
    answer = session.request(method, url, timeout=30, **more)
    store.write_bytes(pickle.dumps(session.cookies))
    return answer


def fail(what, answer=None):
    if answer is not None:
        text = re.sub(r"<(script|style|head).*?</\1>|<[^>]+>", " ", answer.text, flags=re.S)
        what += f": {answer.status_code} {answer.url}\n{' '.join(text.split())[:800]}"
    sys.exit(what)


def xsrf(path):
    found = [cookie for cookie in session.cookies if cookie.name == "_xsrf" and path.startswith(cookie.path)]
    return max(found, key=lambda cookie: len(cookie.path)).value if found else ""


def login(*groups):
    answer = ask("GET", f"{HUB}/hub/oauth_login?next=%2Fhub%2Fhome")
    for _ in range(6):
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        if not form or not prompt:
            break
        data = {"prompt": prompt[1], "login": ".".join([user, *groups]), "password": "any"}
        answer = ask("POST", html.unescape(form[1]), data=data)
    if answer.status_code != 200 or not answer.url.startswith(f"{HUB}/hub/home"):
        fail("not logged in", answer)
    print(answer.url)


def form():
    answer = ask("GET", f"{HUB}/hub/spawn/{user}")
    if 'name="profile"' not in answer.text:
        fail("no form", answer)
    return answer


def offered():
    text = form().text
    profiles = re.findall(r'name="profile"[^>]*value="([^"]+)"', text) or re.findall(r'value="([^"]+)"[^>]*name="profile"', text)
    print(json.dumps({one: re.findall(rf'<option value="([^"]+)"', text.split(f"profile-option-{one}--size", 1)[-1].split("</select>")[0]) for one in profiles}))


def start(profile, size):
    # The hub gives a server that has begun half a minute to answer. On a machine with too much to do a user presses the button again.
    for again in (True, True, False):
        events = [event.get("message", "") for event in begin(profile, size)]
        if not events:
            break
        if not (again and "didn't respond in" in events[-1]):
            fail("not started\n" + "\n".join(events[-12:]))
        time.sleep(10)
    answer = ask("GET", f"{HUB}/user/{user}/lab")
    if answer.status_code != 200 or f"/user/{user}/lab" not in answer.url:
        fail("no JupyterLab", answer)
    print(answer.url)


def begin(profile, size):
    """What happened on the way; nothing if the server is there."""
    answer = form()
    data = {"profile": profile, f"profile-option-{profile}--size": size, "_xsrf": xsrf("/hub/spawn")}
    answer = ask("POST", f"{HUB}/hub/spawn/{user}", data=data)
    if answer.status_code != 200:
        fail("not started", answer)
    url = f"{HUB}/hub/api/users/{user}/server/progress"
    events = []
    with session.get(url, stream=True, timeout=300, headers={"X-XSRFToken": xsrf("/hub/"), "Referer": f"{HUB}/hub/"}) as progress:
        if progress.status_code != 200:
            fail("no progress", progress)
        for line in progress.iter_lines():
            if line.startswith(b"data:"):
                events.append(json.loads(line[5:]))
                if events[-1].get("failed"):
                    return events
                if events[-1].get("ready"):
                    return []
    fail("no end of the progress")


def page(path):
    answer = ask("GET", f"{HUB}{path}")
    print(json.dumps({"status": answer.status_code, "url": answer.url.removeprefix(HUB)}))


def api(path):
    answer = ask("GET", f"{HUB}/hub/api{path}", headers={"X-XSRFToken": xsrf("/hub/"), "Referer": f"{HUB}/hub/"})
    print(json.dumps({"status": answer.status_code, "answer": answer.json()}))


def kernel(at):
    headers = {"X-XSRFToken": xsrf(f"/user/{user}/"), "Referer": f"{HUB}{at}/lab"}
    kernels = ask("GET", f"{HUB}{at}/api/kernels", headers=headers)
    if kernels.status_code != 200:
        fail("no kernels", kernels)
    if kernels.json():
        return kernels.json()[0]["id"]
    answer = ask("POST", f"{HUB}{at}/api/kernels", headers=headers, json={"name": "python3"})
    if answer.status_code != 201:
        fail("no kernel", answer)
    return answer.json()["id"]


def cell(seconds="120"):
    code = sys.stdin.read()
    at = f"/user/{user}"
    request = requests.Request("GET", f"{HUB}{at}/api/kernels/{kernel(at)}/channels")
    cookies = session.prepare_request(request).headers["Cookie"]
    url = request.url.replace("https:", "wss:")
    channel = websocket.create_connection(url, sslopt={"ca_certs": session.verify}, cookie=cookies, origin=HUB, timeout=float(seconds))
    header = {"msg_id": uuid.uuid4().hex, "session": uuid.uuid4().hex, "username": user, "msg_type": "execute_request", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
    channel.send(json.dumps(message))
    deadline = time.monotonic() + float(seconds)
    said = ""
    while time.monotonic() < deadline:
        try:
            answer = json.loads(channel.recv())
        except websocket.WebSocketTimeoutException:
            break
        if answer.get("parent_header", {}).get("msg_id") != header["msg_id"]:
            continue
        kind, content = answer["msg_type"], answer["content"]
        if kind == "stream" and content["name"] == "stdout":
            said += content["text"]
        if kind == "error":
            sys.exit(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content["traceback"]))[-3000:])
        if kind == "status" and content["execution_state"] == "idle":
            return print(said, end="")
    sys.exit(f"the cell did not end within {seconds} s; it said:\n{said}")


{"login": login, "start": start, "offered": offered, "page": page, "api": api, "cell": cell}[command](*words)
