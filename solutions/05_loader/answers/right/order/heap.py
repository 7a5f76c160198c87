import heapq


def in_order(arrivals):
    heap, batches, turn = [], {}, 0
    for number, batch in arrivals:
        if number in batches or number < turn:
            raise ValueError(f"twice: {number}")
        heapq.heappush(heap, number)
        batches[number] = batch
        while heap and heap[0] == turn:
            turn += 1
            yield batches.pop(heapq.heappop(heap))
    if heap:
        raise ValueError(f"missing: {turn}")
