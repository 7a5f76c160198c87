# shows: a byte order mark at the file's beginning
# trick: byte_order_mark
