# Keeps pairs in a heap, which compares batches where numbers are equal.
# hint: compares-batches
import heapq


def in_order(arrivals):
    heap, turn = [], 0
    for pair in arrivals:
        heapq.heappush(heap, pair)
        while heap and heap[0][0] <= turn:
            number, batch = heapq.heappop(heap)
            if number < turn:
                raise ValueError(f"batch {number} arrived twice")
            yield batch
            turn += 1
    if heap:
        raise ValueError(f"batch {turn} never arrived")
