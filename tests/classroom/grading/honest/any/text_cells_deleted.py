# shows: text cells deleted
# trick: without_text
