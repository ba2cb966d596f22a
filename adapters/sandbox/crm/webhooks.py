"""
webhooks - sends what the acts have queued, in the order it falls due, five tries each.

A queue row is removed after the answer; killed in between it is sent again, as the description says.
"""
import hashlib
import hmac
import time
import urllib.error
import urllib.request

MAX_TRIES = 5
WAIT_S = 0.1
TIMEOUT_S = 5


def send_until (stop, system):
    while not stop.is_set ():
        if not send_next (system):
            stop.wait (WAIT_S)


def send_next (system):
    """Try the webhook that is due; True when there was one."""
    book = system.book
    if book.setting ("fault-away"):
        return False
    row = book.db.execute ("SELECT * FROM webhooks WHERE due_at <= ? ORDER BY due_at, id LIMIT 1", (time.time (),)).fetchone ()
    target = book.setting ("webhook")
    if row is None or not target:
        return False
    done = _post (target, row["body"].encode ()) or row["tries"] + 1 >= MAX_TRIES
    with book.change () as db:
        if done:
            db.execute ("DELETE FROM webhooks WHERE id = ?", (row["id"],))
        else:
            db.execute ("UPDATE webhooks SET tries = tries + 1, due_at = ? WHERE id = ?",
                        (time.time () + 0.2 * 2 ** row["tries"], row["id"]))
    return True


def _post (target, body):
    signature = hmac.new (target.get ("secret", "").encode (), body, hashlib.sha256).hexdigest ()
    request = urllib.request.Request (target["url"], data=body, method="POST", headers={
        "Content-Type": "application/json", "X-CRM-Signature": "sha256=" + signature})
    try:
        with urllib.request.urlopen (request, timeout=TIMEOUT_S) as answer:
            return 200 <= answer.status < 300
    except (OSError, ValueError, urllib.error.URLError):
        return False
