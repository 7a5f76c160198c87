# shows: what other editors and widgets store in a notebook
# trick: editor_metadata
