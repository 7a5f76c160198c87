"""The files that the agent consists of, to be copied into a sandbox that has nothing else of `classroom`."""

PATTERNS = ("agent.py", "agent_stand_ins.py", "exceptions.py", "wire*.py")
