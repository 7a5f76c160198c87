"""What JupyterHub is told about courses and people: groups, roles, and a service for each course."""

from __future__ import annotations

import sys
from typing import Any

from classroom.hub.plan import VARIABLE, Hub
from classroom.hub.roster import CourseRoster

# What a person's server may ask the hub; each gets of it what the person has, so a learner's sees no service.
SERVER_SCOPES = [
    "users:activity!user",
    "access:servers!server",
    "read:users:groups!user",
    "list:services",
    "read:services",
    "access:services",
]


def groups(hub: Hub) -> dict[str, dict[str, list[str]]]:
    """JupyterHub's groups: nbgrader reads from their names who is in a course, and who grades it."""
    found: dict[str, dict[str, list[str]]] = {}
    for course in hub.roster.courses:
        # The grader itself asks the hub, too, which courses are its own.
        found[f"formgrade-{course.name}"] = {"users": [*course.staff, course.grader]}
        found[f"nbgrader-{course.name}"] = {"users": [*course.staff, *course.learners]}
    return found


def roles(hub: Hub) -> list[dict[str, Any]]:
    """Who may do what; beyond it everyone may use their own server and nothing else."""
    found: list[dict[str, Any]] = [
        {
            "name": "culler",
            "services": ["culler"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        }
    ]
    for course in hub.roster.courses:
        name = course.name
        found.append(
            {
                "name": f"formgrade-{name}",
                "groups": [f"formgrade-{name}"],
                "scopes": [f"access:services!service={name}", "list:services", f"read:services!service={name}"],
            }
        )
        found.append(
            {
                "name": f"course-{name}",
                "services": [name],
                "scopes": [f"read:users:groups!user={course.grader}", f"groups!group=nbgrader-{name}", "list:groups"],
            }
        )
    return found


def services(hub: Hub) -> list[dict[str, Any]]:
    """What the hub starts beside people's servers: formgrader for each course, and who stops idle servers."""
    idle = int(hub.roster.limits.idle_minutes * 60)
    command = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={idle}", f"--cull-every={min(300, idle)}"]
    # The folder's path, by which `end_all` finds what a killed hub left behind.
    culler = {"name": "culler", "command": command, "environment": {VARIABLE: str(hub.root)}}
    return [*(_course(hub, course) for course in hub.roster.courses), culler]


def _course(hub: Hub, course: CourseRoster) -> dict[str, Any]:
    """Formgrader lives in a JupyterLab of its own, which runs as the course's grader."""
    root = hub.places.course(course.grader)
    own = {
        "HOME": str(root.parent),
        "USER": course.grader,
        "JUPYTERHUB_USER": course.grader,
        "JUPYTERHUB_DEFAULT_URL": "/lab",
    }
    service: dict[str, Any] = {
        "name": course.name,
        "url": f"http://127.0.0.1:{hub.ports[course.name]}",
        "command": [hub.python, "-m", "jupyterhub.singleuser", f"--ServerApp.root_dir={root}"],
        "cwd": str(root),
        "environment": {**hub.variables("grader"), **own},
        "oauth_no_confirm": True,
    }
    if hub.accounts:
        return {**service, "user": course.grader}
    return {**service, "command": [*service["command"], "--allow-root"]}  # root's look at it
