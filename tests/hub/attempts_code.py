"""What code may try that a learner runs in a notebook or a terminal, under the learner's own account.

Each piece raises an `OSError` where it is refused. Run by the account that may, the same piece succeeds. The names are
`facts` of a running hub, see `midcourse`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One attempt.

    Args:
        name: what is tried.
        code: how; `facts` are variables.
        may: the account that may: ``ben``, ``tom``, ``main`` (the course's grader), or the machine's own, ``root``.
    """

    name: str
    code: str
    may: str = "root"


def read(name: str, path: str, may: str = "root") -> Code:
    """Read a file; ``path`` is an expression."""
    return Code(name, f"assert open({path}, 'rb').read(1)", may)


def look(name: str, path: str, may: str = "root") -> Code:
    """List a folder."""
    return Code(name, f"assert os.listdir({path})", may)


def write(name: str, path: str, may: str = "root") -> Code:
    """Make a file in a folder, and take it away again."""
    return Code(name, f"planted = Path({path}) / 'planted'; planted.touch(); planted.unlink()", may)


def over(name: str, path: str, may: str = "root") -> Code:
    """Open a file so as to change it."""
    return Code(name, f"open({path}, 'r+b').close()", may)


ASK = "urlopen(Request('http://127.0.0.1:' + str({port}) + {path}, headers={{'Authorization': 'token ' + {token}}}))"
OWN = "os.environ.get('CONFIGPROXY_AUTH_TOKEN', os.environ.get('JUPYTERHUB_API_TOKEN', ''))"

LISTEN = """\
import json, zmq
try:
    known = json.loads(Path(ben_connection).read_text())
except OSError:
    known = {}
ear = zmq.Context().socket(zmq.SUB)
ear.subscribe(b'')
if 'curve_publickey' in known:
    ear.curve_serverkey = known['curve_publickey'].encode()
    ear.curve_publickey, ear.curve_secretkey = zmq.curve_keypair()
for port in ben_kernel_ports:  # they can be found in /proc/net/tcp
    ear.connect(f'tcp://127.0.0.1:{port}')
if not ear.poll(15_000 if known else 3_000):
    raise PermissionError('nothing to hear')
"""
SPEAK = """\
import json
from jupyter_client import BlockingKernelClient
names = ('shell', 'iopub', 'stdin', 'control', 'hb')
known = {f'{name}_port': port for name, port in zip(names, ben_kernel_ports)}
try:
    known = json.loads(Path(ben_connection).read_text())
except OSError:
    known |= {'ip': '127.0.0.1', 'key': '', 'transport': 'tcp', 'signature_scheme': 'hmac-sha256'}
client = BlockingKernelClient()
client.load_connection_info(known)
client.start_channels()
client.execute('1')
try:
    client.get_shell_msg(timeout=15 if known['key'] else 3)
except Exception as silence:
    raise PermissionError('no answer') from silence
"""

CODES = [
    # Solutions, hidden tests, the grader.
    read("a solution in the repository", "repository + '/solutions/01_datasets/01_datasets.py'"),
    look("the repository's solutions", "repository + '/solutions'"),
    look("the repository's tests", "repository + '/tests'"),
    read("the repository's history", "repository + '/.git/HEAD'"),
    look("the repository's grader", "repository + '/classroom'"),
    read("the source that the hub was given", "source + '/solutions/mini_lab/mini_lab.py'"),
    read("the grader's source", "course + '/solutions/mini_lab/mini_lab.py'", "main"),
    read("the grader's notebook with hidden tests", "course + '/course/source/mini_lab/mini_lab.ipynb'", "main"),
    Code("the grader's programs", "sys.path.insert(0, staff + '/site-packages'); os.listdir(sys.path[0])", "tom"),
    # Grades, and what others handed in.
    read("the gradebook", "course + '/course/gradebook.db'", "main"),
    over("change the gradebook", "course + '/course/gradebook.db'", "main"),
    look("what was collected", "course + '/course/submitted'", "main"),
    look("the grader's copies", "course + '/course/received'", "main"),
    look("the names of what was handed in", "exchange + '/' + main + '/inbound'", "main"),
    look("the names of receipts", "exchange + '/' + main + '/receipts'", "main"),
    look("the names of feedback", "exchange + '/' + main + '/feedback'", "main"),
    look("the grader's home", "grader_home", "main"),
    # Another learner.
    read("another's file", "ben_home + '/secret.txt'", "ben"),
    look("another's home", "ben_home", "ben"),
    write("write into another's home", "ben_home", "ben"),
    read("another's kernel's key", "ben_connection", "ben"),
    look("another's copies of what was handed in", "ben_home + '/.local/share/jupyter/nbgrader_cache'", "ben"),
    Code("hear another's kernel", LISTEN, "ben"),
    Code("speak to another's kernel", SPEAK, "ben"),
    Code("another's server, past the proxy",
         ASK.format(port="ben_port", path="'/user/' + ben + '/api/contents'", token=OWN), "ben"),
    # Other processes.
    read("another's server's environment", "f'/proc/{ben_pid}/environ'", "ben"),
    read("another's kernel's environment", "f'/proc/{ben_kernel_pid}/environ'", "ben"),
    Code("another's memory", "open(f'/proc/{ben_pid}/mem', 'rb').close()", "ben"),
    look("another's open files", "f'/proc/{ben_pid}/fd'", "ben"),
    Code("another's folder", "os.listdir(f'/proc/{ben_pid}/cwd')", "ben"),
    Code("signal another's server", "os.kill(ben_pid, 0)", "ben"),
    read("the hub's environment", "f'/proc/{hub_pid}/environ'"),
    read("the proxy's environment", "f'/proc/{proxy_pid}/environ'"),
    read("formgrader's environment", "f'/proc/{formgrader_pid}/environ'", "main"),
    Code("signal the hub", "os.kill(hub_pid, 0)"),
    Code("signal formgrader", "os.kill(formgrader_pid, 0)", "main"),
    # The hub's own.
    read("the hub's database", "state + '/jupyterhub.sqlite'"),
    read("the hub's cookie secret", "state + '/cookie_secret'"),
    read("the hub's log", "state + '/hub.log'"),
    look("the hub's folder of state", "state"),
    read("passwords", "logins"),
    read("the system's passwords", "'/etc/shadow'"),
    look("who has a home", "root + '/homes'"),
    Code("the proxy's routes", ASK.format(port="proxy_port", path="'/api/routes'", token=OWN)),
    Code("become root", "os.setuid(0)"),
    Code("become another", "os.setuid(ben_uid)"),
    Code("take the graders' group", "os.setgroups([staff_gid])"),
    # What others rely on.
    write("hand out another lab", "exchange + '/' + main + '/outbound'", "main"),
    over("change the released lab", "exchange + '/' + main + '/outbound/mini_lab/mini_lab.ipynb'", "main"),
    write("write into the released lab", "exchange + '/' + main + '/outbound/mini_lab'", "main"),
    write("write into the course's exchange", "exchange + '/' + main", "main"),
    write("write a receipt", "exchange + '/' + main + '/receipts'", "main"),
    write("write feedback", "exchange + '/' + main + '/feedback'", "main"),
    Code("move the course out of the exchange",
         "os.chdir(exchange); os.rename(main, 'moved'); os.rename('moved', main)"),
    write("change everybody's packages", "site"),
    over("change everybody's datakit", "site + '/datakit/__init__.py'"),
    write("change everybody's settings", "roles + '/learner'"),
    over("change the graders' settings", "roles + '/grader/nbgrader_config.py'"),
    write("write into the hub's folder", "root"),
    write("write into the homes' folder", "root + '/homes'"),
]  # fmt: skip
