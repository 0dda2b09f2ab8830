update ready set state = 1, worker = ?1, fence = fence + 1 where state = 0
