# shows: nbformat 4.0
# trick: minor_version 0
