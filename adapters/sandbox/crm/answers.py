"""
answers - what every handler of the interface needs: the request, refusals, pages, ETags.
"""


class Request:
    def __init__ (self, system, method, path, query, headers, data, json_body):
        self.system = system
        self.book = system.book
        self.method = method
        self.path = path
        self.query = query            # name -> value
        self.headers = headers
        self.data = data              # bytes as they came
        self.body = json_body         # the object in them, or {}


class Problem (Exception):
    """An answer that is not 2xx; nothing was changed."""

    def __init__ (self, status, error, headers=None, **members):
        super ().__init__ (error)
        self.status, self.headers = status, headers or {}
        self.body = {"error": error, **members}


def _number (query, name, default, low, high):
    try:
        return min (max (int (query.get (name, default)), low), high)
    except ValueError:
        raise Problem (400, "invalid", field=name, message="must be a number") from None


def page_of (request, count, read):
    """One page; read (limit, offset) gives the rows in their outer form."""
    page = _number (request.query, "page", 1, 1, 10**6)
    size = _number (request.query, "size", 20, 1, 100)
    items = read (size, (page - 1) * size)
    return 200, {"items": items, "page": page, "size": size, "total": count, "has_more": page * size < count}, {}


def etag (version):
    return f'"v{version}"'


def require_match (request, version):
    match = request.headers.get ("If-Match")
    if match is None:
        raise Problem (428, "if_match_missing", message="send the ETag that you read in If-Match")
    if match not in ("*", etag (version)):
        raise Problem (412, "changed_meanwhile", etag=etag (version))


def require_case (request, case_id):
    case = request.book.case (int (case_id))
    if case is None:
        raise Problem (404, "not_found")
    if case["deleted"]:
        raise Problem (410, "deleted")
    if case["merged_into"]:
        raise Problem (410, "merged", merged_into=case["merged_into"])
    return case
