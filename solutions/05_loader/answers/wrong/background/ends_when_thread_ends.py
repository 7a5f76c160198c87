# Leaves the loop as soon as the thread has ended.
# hint: items-lost
class Background:
    """The items of a source, fetched ahead by a thread that ends with the loop."""

    def __init__(self, source, limit=2):
        self.source = source
        self.limit = limit

    def __iter__(self):
        results, stop = queue.Queue(self.limit), threading.Event()

        def offer(kind, item=None):
            """Put a pair into the queue; False if the loop has ended meanwhile."""
            while not stop.is_set():
                try:
                    results.put((kind, item), timeout=0.05)
                    return True
                except queue.Full:
                    continue
            return False

        def work():
            try:
                for item in self.source:
                    if not offer("item", item):
                        return
                offer("end")
            except Exception as error:
                offer("error", error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                kind, item = results.get()
                if kind == "end":
                    return
                if kind == "error":
                    raise item
                yield item
        finally:
            stop.set()
            thread.join()
