# Yields them as they come.
# hint: as-they-come
def in_order(arrivals):
    for number, batch in arrivals:
        yield batch
