# shows: a plot in a cell of the learner's own

# %% last
%matplotlib inline
import matplotlib.pyplot as plt

plt.plot(double([1, 2, 3]))
plt.show()
