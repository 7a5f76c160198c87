class Background:
    def __init__(self, source, limit=2):
        self.source = source
        self.limit = limit

    def __iter__(self):
        items, changed = deque(), threading.Condition()
        state = {"left": False, "done": False, "error": None}

        def run():
            try:
                for item in self.source:
                    with changed:
                        changed.wait_for(lambda: len(items) < self.limit or state["left"])
                        if state["left"]:
                            return
                        items.append(item)
                        changed.notify_all()
            except Exception as error:
                state["error"] = error
            with changed:
                state["done"] = True
                changed.notify_all()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            while True:
                with changed:
                    changed.wait_for(lambda: items or state["done"])
                    if not items:
                        break
                    item = items.popleft()
                    changed.notify_all()
                yield item
            if state["error"]:
                raise state["error"]
        finally:
            with changed:
                state["left"] = True
                changed.notify_all()
            thread.join()
