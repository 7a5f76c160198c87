# Waits in put without looking at the flag.
# hint: thread-left
class Background:
    def __init__(self, source, limit=2):
        self.source = source
        self.limit = limit

    def __iter__(self):
        results, stop = queue.Queue(self.limit), threading.Event()

        def work():
            try:
                for item in self.source:
                    if stop.is_set():
                        return
                    results.put(("item", item))
                results.put(("end", None))
            except Exception as error:
                results.put(("error", error))

        threading.Thread(target=work, daemon=True).start()
        try:
            while True:
                kind, item = results.get()
                if kind == "end":
                    return
                if kind == "error":
                    raise item
                yield item
        finally:
            stop.set()
