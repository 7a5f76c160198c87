def ahead(dataset, indices, workers=2, limit=4):
    """With threads and queues of its own; a sample's place is its slot."""
    tasks, done, ready = queue.Queue(), {}, threading.Condition()

    def work():
        while (task := tasks.get()) is not None:
            place, i = task
            sample = dataset[i]
            with ready:
                done[place] = sample
                ready.notify_all()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        sent = 0
        for place in range(len(indices)):
            while sent < len(indices) and sent - place < limit:
                tasks.put((sent, indices[sent]))
                sent += 1
            with ready:
                ready.wait_for(lambda: place in done)
                sample = done.pop(place)
            yield sample
    finally:
        for _ in threads:
            tasks.put(None)
