update waiting indexed by waiting_by_lane set state = 0, crashes = 0, due = ?5
where lane in (0, 1, 2, 3) and state = 3 and env = ?1 and (?2 is null or event = ?2)
    and (?3 is null or workflow = ?3) and (?4 is null or tenant = ?4)
returning lane
