class Background:
    END = object()

    def __init__(self, source, limit=2):
        self.source, self.limit = source, limit

    def __iter__(self):
        room = threading.Semaphore(self.limit)
        results, over = queue.SimpleQueue(), threading.Event()

        def work():
            trouble = None
            try:
                for item in self.source:
                    room.acquire()
                    if over.is_set():
                        return
                    results.put((item, None))
            except Exception as error:
                trouble = error
            results.put((Background.END, trouble))

        worker = threading.Thread(target=work)
        worker.start()
        try:
            item, trouble = results.get()
            while item is not Background.END:
                room.release()
                yield item
                item, trouble = results.get()
            if trouble is not None:
                raise trouble
        finally:
            over.set()
            room.release()
            worker.join()
