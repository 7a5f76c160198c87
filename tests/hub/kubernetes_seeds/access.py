"""Images, and who may do what."""

from __future__ import annotations

from .seed import Seed

STAFF_IMAGE = "image: registry.example.org/datakit/instructor:0.1.0 # REPLACE; a private registry"
LEARNERS = "    name: registry.example.org/datakit/learner # REPLACE\n"

SEEDS = [
    # Images.
    Seed("an image without a tag", '    tag: "0.1.0"\n  cmd', "  cmd", "tag is None"),
    Seed("the latest image", '    tag: "0.1.0"\n  cmd', "    tag: latest\n  cmd", "'latest'"),
    Seed(
        "the instructor's image for learners",
        LEARNERS,
        LEARNERS.replace("learner #", "instructor #"),
        "learners would get",
    ),
    Seed(
        "the learner's image for staff",
        STAFF_IMAGE,
        STAFF_IMAGE.replace("instructor", "learner"),
        "staff couldn't grade",
    ),
    Seed(
        "another version for the workers",
        "instructor:0.1.0 # REPLACE; the workers",
        "instructor:0.2.0 # REPLACE; the workers",
        "Dask needs equal versions",
        "grading.yaml",
    ),
    Seed(
        "the staff's image not pulled",
        "    instructor:\n      name: registry.example.org/datakit/instructor",
        "    instructor:\n      name: registry.example.org/datakit/teacher",
        "staff would wait",
    ),
    # Who may do what.
    Seed(
        "a role's key misspelt",
        "      users: [grader-datakit]\n      scopes:",
        "      users: [grader-datakit]\n      scope:",
        "a role has no 'scope'",
    ),
    Seed(
        "a service's key misspelt",
        "oauth_no_confirm: true",
        "oauth_noconfirm: true",
        "a service has no 'oauth_noconfirm'",
    ),
    Seed(
        "a scope that there isn't",
        "        - list:groups\n        - groups",
        "        - list:group\n        - groups",
        "no scope 'list:group'",
    ),
    Seed(
        "a scope's filter that there isn't",
        "servers!user=grader-datakit\n        - servers",
        "servers!users=grader-datakit\n        - servers",
        "!users=",
    ),
    Seed(
        "a scope for everybody's servers",
        "        - access:servers!user=grader-datakit\n",
        "        - access:servers\n",
        "no filter",
    ),
    Seed(
        "a scope for a service that there isn't",
        "      - access:services!service=ngshare\n        # The",
        "      - access:services!service=ngshara\n        # The",
        "isn't in hub.services",
    ),
    Seed(
        "a role for a group that there isn't",
        "groups: [nbgrader-datakit]",
        "groups: [nbgrader-datakid]",
        "no group 'nbgrader-datakid'",
    ),
    Seed("a role for nobody", "      groups: [nbgrader-datakit]\n", "", "given to nobody"),
    Seed(
        "a rule for a group that there isn't",
        "groups: [formgrade-datakit]\n          spawner",
        "groups: [formgrade]\n          spawner",
        "no group 'formgrade'",
    ),
    Seed("a staff's setting misspelt", "            extra_labels:", "            labels:", "no setting 'labels'"),
    Seed("a hub's setting misspelt", "      http_timeout: 180", "      http_timeouts: 180", "'http_timeouts'"),
    Seed(
        "a hub's setting in the wrong class",
        "      allow_all: true",
        "      allow_everybody: true",
        "'allow_everybody'",
    ),
    Seed("anybody may log in", "authenticator_class: native", "authenticator_class: dummy", "lets anybody in"),
    Seed("open sign-up", "open_signup: false", "open_signup: true", "open_signup"),
    Seed(
        "learners may become root",
        "allowPrivilegeEscalation: false",
        "allowPrivilegeEscalation: true",
        "may become root",
    ),
]
