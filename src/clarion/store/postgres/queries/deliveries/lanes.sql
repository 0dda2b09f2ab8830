select lane, state, count(*), min(due) from ready group by lane, state
