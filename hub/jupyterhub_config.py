"""JupyterHub's settings for a classroom on one machine: `make hub` starts it with them.

What depends on people and courses stands in hub.toml, and is turned into settings by `classroom.hub.configure`.
"""

from classroom.hub.accounts import read_passwords
from classroom.hub.configure import SERVER_SCOPES, groups, roles, services
from classroom.hub.gpu_spawner import lend_gpus
from classroom.hub.plan import this_hub
from classroom.hub.spawner import LookSpawner, RoleSpawner

hub = this_hub()
limits = hub.roster.limits
c = get_config()

# Loopback only. For a class, put a web server with TLS in front of it (docs/administrators/hub.md).
c.JupyterHub.bind_url = hub.url
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{hub.ports['hub']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{hub.ports['proxy']}"
c.ConfigurableHTTPProxy.command = list(hub.proxy)

# The hub's memory. Nobody else may read it: it holds tokens.
c.JupyterHub.db_url = f"sqlite:///{hub.places.state / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(hub.places.state / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(hub.places.state / "proxy.pid")

# People log in with their account's own password, so nobody can be somebody else.
c.Authenticator.allowed_users = set(hub.roster.people)
c.Authenticator.allow_existing_users = False  # who is taken out of hub.toml is out
if hub.accounts:
    c.JupyterHub.authenticator_class = "pam"
    c.JupyterHub.spawner_class = RoleSpawner
else:
    # For a look: one account, one password, nothing that keeps people apart.
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = read_passwords(hub.places.logins)["everyone"]
    c.JupyterHub.spawner_class = LookSpawner
    c.Spawner.args = ["--allow-root"]  # root may have a look, too
    c.LookSpawner.home_dir_template = str(hub.places.homes / "{username}")

# A learner may use the own server, and nothing of anybody else's.
c.JupyterHub.load_groups = groups(hub)
c.JupyterHub.load_roles = roles(hub)
c.JupyterHub.services = services(hub)
c.Spawner.server_token_scopes = SERVER_SCOPES

# A lesson begins with everyone logging in at once: a few servers start at a time, and have long enough for it.
c.JupyterHub.concurrent_spawn_limit = limits.starting
c.JupyterHub.tornado_settings = {"spawn_throttle_retry_range": (5, 15)}  # the others: again in so many seconds
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180

# The servers' Python is not the hub's: it knows no grader.
c.Spawner.cmd = [hub.python, "-m", "jupyterhub.singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.env_keep = []  # nothing of the administrator's environment
# Told to the labs and to JupyterLab's status bar; what the kernel holds learners to stands in `classroom.hub.limits`.
c.Spawner.mem_limit = int(limits.memory_gib * 2**30)
c.Spawner.cpu_limit = limits.cores

# More learners than GPUs: each GPU is lent in equal parts, in the order of asking.
if limits.gpu_share:
    lend_gpus(c, limits.gpu_share, hub.places.state / "gpu-line.json")

# A killed hub leaves servers behind; the next start begins without them.
c.JupyterHub.cleanup_servers = True
c.Application.log_level = "INFO"
