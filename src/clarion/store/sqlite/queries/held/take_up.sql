update waiting indexed by waiting_by_lane set state = 0, crashes = 0, due = ?2
where lane in (0, 1, 2, 3) and state = 3 and env = ?1
