# shows: nbformat 4.4, whose cells have no ids
# trick: minor_version 4
