"""What somebody may try on a hub with a browser or a token of their own, and who may do the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """One attempt.

    Args:
        name: what is tried.
        by: who tries it, a short name.
        method: of HTTP.
        path: with the hub's names in braces.
        may: who may; the same request then succeeds.
        own: what ``may`` asks instead, where the attempt itself has no owner.
        content: sent as JSON.
        how: with the ``cookies`` of a browser, a ``token`` of one's own, a ``stolen cookie``'s name, ``no mark`` of
            the page, or ``nothing``.
    """

    name: str
    by: str
    method: str
    path: str
    may: str
    own: str = ""
    content: Any = None
    how: str = "cookies"


ACTIVITY = {"last_activity": "2026-01-01T00:00:00Z"}
NOTE = {"type": "file", "format": "text", "content": "x"}

REQUESTS = [
    # Another's server.
    Request("another's page", "ada", "GET", "user/{ben}/lab", "ben"),
    Request("another's files", "ada", "GET", "user/{ben}/api/contents", "ben"),
    Request("another's file", "ada", "GET", "user/{ben}/files/secret.txt", "ben"),
    Request("write another's file", "ada", "PUT", "user/{ben}/api/contents/planted.txt", "ben", content=NOTE),
    Request("another's kernels", "ada", "GET", "user/{ben}/api/kernels", "ben"),
    Request("a terminal at another's", "ada", "POST", "user/{ben}/api/terminals", "ben"),
    Request("another's assignments", "ada", "GET", "user/{ben}/assignments?course_id={main}", "ben"),
    Request("a learner's files, as instructor", "ina", "GET", "user/{ben}/api/contents", "ben"),
    Request("a learner's file, as assistant", "tom", "GET", "user/{ben}/files/secret.txt", "ben"),
    Request("another's server, without a log-in", "ada", "GET", "user/{ben}/api/contents", "ben", how="nothing"),
    Request("another's server, with one's token", "ada", "GET", "user/{ben}/api/contents", "ben", how="token"),
    Request("another's server, with one's cookie", "ada", "GET", "user/{ben}/api/contents", "ben", how="stolen cookie"),
    Request("one's own server, from another's page", "ada", "POST", "user/{ada}/api/terminals", "ada", how="no mark"),
    # Other files through one's own server.
    Request("up", "ada", "GET", "user/{ada}/api/contents/..%2F{ben}%2Fsecret.txt", "ben",
            "user/{ben}/api/contents/secret.txt"),
    Request("up, twice encoded", "ada", "GET", "user/{ada}/api/contents/..%252F{ben}%252Fsecret.txt", "ben",
            "user/{ben}/api/contents/secret.txt"),
    Request("up, as a file", "ada", "GET", "user/{ada}/files/..%2F{ben}%2Fsecret.txt", "ben",
            "user/{ben}/files/secret.txt"),
    Request("absolute", "ada", "GET", "user/{ada}/api/contents/{root}%2Fhomes%2F{ben}%2Fsecret.txt", "ben",
            "user/{ben}/api/contents/secret.txt"),
    Request("a link to another's file", "ada", "GET", "user/{ada}/files/link-to-ben", "ada",
            "user/{ada}/files/link-to-own"),
    Request("a link to the hub's database", "ada", "GET", "user/{ada}/files/link-to-hub", "ada",
            "user/{ada}/files/link-to-own"),
    Request("a link to the gradebook", "ada", "GET", "user/{ada}/files/link-to-gradebook", "ada",
            "user/{ada}/files/link-to-own"),
    Request("a link to the source", "ada", "GET", "user/{ada}/files/link-to-source", "ada",
            "user/{ada}/files/link-to-own"),
    # The hub itself.
    Request("another's account", "ada", "GET", "hub/api/users/{ben}", "ben"),
    Request("another's token", "ada", "POST", "hub/api/users/{ben}/tokens", "ben", content={}),
    Request("another's tokens", "ada", "GET", "hub/api/users/{ben}/tokens", "ben"),
    Request("another's activity", "ada", "POST", "hub/api/users/{ben}/activity", "ben", content=ACTIVITY),
    Request("stop another's server", "ada", "DELETE", "hub/api/users/{ben}/server", "ben", "hub/api/users/{ben}"),
    Request("start another's server", "ada", "POST", "hub/api/users/{cleo}/server", "cleo", "hub/api/users/{cleo}"),
    Request("a learner's account, as instructor", "ina", "GET", "hub/api/users/{ben}", "ben"),
    Request("enter as another", "ada", "GET", "hub/api/oauth2/authorize?client_id=jupyterhub-user-{ben}&redirect_uri="
            "/user/{ben}/oauth_callback&response_type=code", "ben", "user/{ben}/lab"),
    Request("everyone", "ada", "GET", "hub/api/users", "ada", "hub/api/user"),
    Request("everyone, as instructor", "ina", "GET", "hub/api/users", "ina", "hub/api/user"),
    Request("a new account", "ina", "POST", "hub/api/users/eve", "ina", "hub/api/user"),
    Request("become administrator", "ina", "PATCH", "hub/api/users/{ina}", "ina", "hub/api/user", {"admin": True}),
    Request("join the graders", "ada", "POST", "hub/api/groups/formgrade-{main}/users", "ada", "hub/api/user",
            {"users": ["{ada}"]}),
    Request("the proxy's routes", "ina", "GET", "hub/api/proxy", "ina", "hub/api/user"),
    Request("end the hub", "ina", "POST", "hub/api/shutdown", "ina", "hub/api/user", {}),
    # Grading, of one's own and of another course.
    Request("formgrader", "ada", "GET", "services/{main}/formgrader", "ina"),
    Request("formgrader, with a token", "ada", "GET", "services/{main}/formgrader", "ina", how="token"),
    Request("formgrader, without a log-in", "ada", "GET", "services/{main}/formgrader", "ina", how="nothing"),
    Request("submissions", "ada", "GET", "services/{main}/formgrader/api/submissions/{lab}", "tom"),
    Request("autograde", "ada", "POST", "services/{main}/formgrader/api/submission/{lab}/{ada}/autograde", "tom",
            "services/{main}/formgrader/api/submissions/{lab}"),
    Request("the gradebook, as a file", "ada", "GET", "services/{main}/files/course/gradebook.db", "ina"),
    Request("the source", "ada", "GET", "services/{main}/files/solutions/{lab}/{lab}.py", "ina"),
    Request("a terminal at the grader's", "ada", "POST", "services/{main}/api/terminals", "ina"),
    Request("the other course, as instructor", "ina", "GET", "services/{other}/formgrader", "oda"),
    Request("the other course, as assistant", "tom", "GET", "services/{other}/formgrader/api/assignments", "oda"),
    Request("the other course, with a token", "ina", "GET", "services/{other}/api/contents", "oda", how="token"),
    Request("this course, as the other's", "oda", "GET", "services/{main}/formgrader/api/assignments", "tom"),
    Request("the other course's files", "ina", "GET", "services/{other}/api/contents/solutions", "oda"),
    Request("the other course's terminal", "tom", "POST", "services/{other}/api/terminals", "oda"),
    Request("what the other course is", "ada", "GET", "hub/api/services/{other}", "oda"),
]  # fmt: skip
