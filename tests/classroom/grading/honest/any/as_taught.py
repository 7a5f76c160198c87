# shows: the reference answers, and nothing else
