# tries: to run a script in the browser of whoever reads the feedback

# %% first
from IPython.display import HTML, Javascript, display

display(HTML("<script>document.title = 'SECRET-SCRIPT'</script><img src=x onerror=\"document.title='SECRET-SCRIPT'\">"))
display(Javascript("document.title = 'SECRET-SCRIPT'"))
