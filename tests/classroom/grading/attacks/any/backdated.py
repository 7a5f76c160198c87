# tries: to claim another time of handing in
# trick: timestamp 1999-01-01 00:00:00 UTC
