# shows: tabs, semicolons and lines that go on

# %% answer double
def double(values):
	result = []; \
	[result.append(value * 2) for value in values];
	return result;
