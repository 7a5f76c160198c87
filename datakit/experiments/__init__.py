"""Experiments to run on your own machine: one a file, each a plain function that returns a table, and a view of it.

In a notebook::

    from datakit.experiments import eager_lazy

    eager_lazy.view()            # sliders, your prediction, Run, the table and the plot
    eager_lazy.eager_vs_lazy()   # the same measurement as a plain function

They need the packages of ``pip install 'datakit[lab]'``.
"""
